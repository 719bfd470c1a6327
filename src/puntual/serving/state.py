"""The state of a worker: the settings, the files of the page and the loaded model, which it replaces."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import UNSET, UnsetType

from puntual.access.signatures import read_trusted_keys
from puntual.errors import ArtifactError, PuntualError
from puntual.inference.artifact import read_model_file, unpack_artifact
from puntual.inference.flight_numbers import FlightNumbers
from puntual.inference.predictor import Predictor
from puntual.serving.access.gate import Gate
from puntual.serving.api import schedules
from puntual.serving.api.openapi import describe_api
from puntual.serving.api.schemas import answer_model_routes, encode, list_rates, rate_dimensions
from puntual.serving.bulk_predictor import BulkPredictor
from puntual.serving.http.bodies import BodyReader
from puntual.serving.http.documents import TYPES, Document, load_files
from puntual.serving.http.log_writer import dropped_lines
from puntual.serving.http.logs import audit
from puntual.serving.http.problems import RefusedError
from puntual.serving.http.route import Route, route_labels
from puntual.serving.live.live_service import LiveService
from puntual.serving.live.views import LiveSource, LiveView
from puntual.serving.load_test import LastLoadTest
from puntual.serving.ops.connections import Connections
from puntual.serving.ops.counters import BEAT, LOG_DROPPED, SWAP_REFUSED, SWAPPED, WAIT, SharedCounters
from puntual.serving.ops.digest import file_signature, normalize_digest
from puntual.serving.ops.last_good import LastGoodModel
from puntual.serving.ops.metrics import resident_bytes
from puntual.serving.ops.model_trial import try_model
from puntual.serving.ops.overload import Overload
from puntual.serving.ops.sending import Sends
from puntual.serving.ops.workbook_reader import WorkbookReader, reads_workbooks
from puntual.serving.settings import Settings
from puntual.types import Prediction

TICK_SECONDS = 0.5
"""Between two checks of the model's file and of overdue bodies."""
LOAD_SECONDS = 30
"""The log reports a model's file that takes longer to load."""
SHORT_OF_MEMORY = 0.75
"""Of a worker's memory; from there on clients that stand still are given up."""
DRAIN_BODY_SECONDS = 1.0
"""Time limit of a body while the server shuts down."""
GC_OBJECTS = 50_000
"""New objects, minus those deallocated, before the garbage collector runs."""
_RETRY_SECONDS = "5"
_COPY = "; from the server's own copy of the last good model"

logger = logging.getLogger("puntual.serving")


class LoadedModel:
    """A model that is ready to answer, and the responses that depend on nothing but the model.

    Attributes
    ----------
    documents : responses by path
    rates : responses of `GET /v1/rates` by dimension; ``""`` is all of them
    flight_numbers : of `GET /v1/flights`
    source : what a live state for it is made from
    reads_day : whether it answers from what is known of the day, too
    sha256 : of the bytes from which it was loaded; empty: it was not loaded
    """

    sha256 = ""

    def __init__(self, predictor: Predictor, settings: Settings, routes: Sequence[Route]) -> None:
        artifact = predictor.artifact
        answers = answer_model_routes(predictor)
        answers["/openapi.json"] = describe_api(predictor, answers, settings, routes)
        self.predictor = predictor
        self.name = artifact.name
        self.threshold_minutes = artifact.threshold_minutes
        self.source = LiveSource(artifact.tables, artifact.threshold_minutes)
        self.reads_day = artifact.operations is not None
        self.documents = {path: _document(answer) for path, answer in answers.items()}
        self.flight_numbers = FlightNumbers(artifact.flight_numbers, artifact.tables)
        self.rates = {"": self.documents["/v1/rates"]}
        self.rates |= {by: _document(list_rates(artifact, by)) for by in rate_dimensions(artifact)}

    @classmethod
    def load(cls, data: bytes, settings: Settings, routes: Sequence[Route]) -> LoadedModel:
        """Load and check the bytes of a model's file; the examples of the API are its first answers.

        Raises
        ------
        ArtifactError : it cannot be used, or has another digest than the settings
        """
        # The digest is that of the bytes in hand, so that a file exchanged meanwhile cannot pass.
        wanted = normalize_digest(settings.model_sha256)
        try:
            trusted = read_trusted_keys(settings.trusted_keys)
            artifact = unpack_artifact(data, settings.model, sha256=wanted, trusted=trusted)
            predictor = Predictor(artifact, decision_threshold=settings.decision_threshold)
            model = cls(predictor, settings, routes)
        except PuntualError:
            raise
        except Exception as error:
            raise ArtifactError(settings.model, f"it does not answer: {error!r}") from error
        model.sha256 = hashlib.sha256(data).hexdigest()
        return model


class Service:
    """The state of a worker.

    Parameters
    ----------
    settings : name the model; if it cannot be loaded, the log says why, and routes that need it refuse
    counters : shared by all workers
    routes : for the API's description and the labels of the counters
    last_good : keeps a copy of each loaded model for workers that start later; None: no copy
    max_connections : that the server accepts at once; 0: not known

    Attributes
    ----------
    refused : why the model was not replaced although its file changed
    closing : whether the server is shutting down, as of the last tick
    leaving : whether this worker ends
    open_streams : answers in lines or events that are not at their end
    """

    def __init__(
        self,
        settings: Settings,
        counters: SharedCounters,
        routes: Sequence[Route],
        last_good: LastGoodModel | None = None,
        max_connections: int = 0,
    ) -> None:
        self.settings = settings
        self.routes = [route for route in routes if not (route.private and settings.admin_port)]
        self.route_labels = route_labels(routes)
        self.counters = counters
        self._last_good = last_good
        self.row = counters.acquire_row()
        self._dropped_before = self.row.numbers[LOG_DROPPED]
        described = schedules.describe_schedules(settings, workbooks=reads_workbooks())
        self.files = load_files() | {schedules.PATH: described}
        self.load_test = LastLoadTest(settings.stress_report)
        self.reader = BodyReader(
            settings.max_body_bytes,
            settings.body_seconds,
            settings.max_in_flight,
            settings.max_bodies_mib << 20,
        )
        self.gate = Gate(settings, counters.buckets)
        self.bulk = BulkPredictor()
        self.workbooks = WorkbookReader()
        self.connections = Connections(settings, max_connections)
        self.sends, self.overload = Sends(self.connections), Overload(self.connections.age_ms)
        self.live = LiveService(settings, counters, self.row) if settings.store else None
        self.refused: str | UnsetType = UNSET
        self.closing = self.leaving = False
        self.open_streams = 0
        self._model: LoadedModel | None = None
        self._swapping: asyncio.Task[None] | None = None
        self._reading: asyncio.Future[None] | None = None
        self._swap_requested = self._slow = False
        self._swap_started = 0.0
        self._copied = False
        self._signature = file_signature(settings.model)
        if settings.model:
            try:
                self._use(self._load())
            except PuntualError as error:
                self._use_last_good()
                self._refuse(error)
                self._signature = self._keep_signature(error, self._signature)

    @property
    def model(self) -> LoadedModel:
        """The loaded model.

        Raises
        ------
        RefusedError : no model is loaded
        """
        if self._model is None:
            raise RefusedError(
                "no-model",
                "this server has no model to answer from",
                headers=(("retry-after", _RETRY_SECONDS),),
            )
        return self._model

    def view(self, model: LoadedModel) -> LiveView | None:
        """What is known now, for a model that answers; None: it answers from the schedule."""
        return self.live.view(model.source) if self.live is not None and model.reads_day else None

    @property
    def ending(self) -> bool:
        """Whether streams that never end by themselves shall end."""
        return self.leaving or self.counters.draining or self.counters.ending

    def leave(self) -> None:
        """End what never ends by itself: this worker ends."""
        self.leaving = True
        if self.live is not None:
            self.live.stop()

    def require_live(self) -> LiveService:
        """What is known of the day of the flight.

        Raises
        ------
        RefusedError : nothing is, as there is no store
        """
        if self.live is None:
            allowed = "a server with --store URL (PUNTUAL_STORE)"
            raise RefusedError("not-found", "this server has no store", found="no store", allowed=allowed)
        return self.live

    def count(self, answers: Iterable[Prediction]) -> None:
        """Count answered flights."""
        count = self.row.count_answer
        for answer in answers:
            count(answer.delay_probability, answer.unknown)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Check overdue bodies and files that may change, now and every `TICK_SECONDS`."""
        self.closing = self.counters.draining
        if self.live is not None:
            self.live.refresh(loop)
        self.gate.refresh(loop)
        self.row.numbers[LOG_DROPPED] = self._dropped_before + dropped_lines()
        self.row.numbers[BEAT] += 1
        self.row.numbers[WAIT] = self.overload.settle(time.perf_counter_ns())
        self.reader.cancel_overdue(DRAIN_BODY_SECONDS if self.closing else None)
        self.sends.make_room()
        if resident_bytes(os.getpid()) > SHORT_OF_MEMORY * (self.settings.max_worker_mib << 20):
            self.connections.short_of_memory = True
            self.sends.end_stalled()
            self.reader.cancel_stalled()
        self.connections.watch(loop)
        if self._reading is None or self._reading.done():
            self._reading = loop.run_in_executor(None, self.load_test.refresh)
        if self.settings.model:
            self._check_model(loop)
        loop.call_later(TICK_SECONDS, self.watch, loop)

    def swap(self, loop: asyncio.AbstractEventLoop) -> None:
        """Load the model's file, changed or not; if that fails, the present model stays."""
        self._swap_requested = True
        self._check_model(loop)

    def _check_model(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start a check of the model's file, or report that the last one takes too long.

        It runs beside the thread that answers, since a disk may block for ever. Requests that have begun keep
        their model.
        """
        if self._swapping is None or self._swapping.done():
            self._slow, self._swap_started = False, time.monotonic()
            self._swapping = loop.create_task(self._swap(loop))
        elif not self._slow and time.monotonic() - self._swap_started > LOAD_SECONDS:
            self._slow = True
            self._refuse(ArtifactError(self.settings.model, f"not read within {LOAD_SECONDS} seconds"))

    async def _swap(self, loop: asyncio.AbstractEventLoop) -> None:
        requested, self._swap_requested = self._swap_requested, False
        signature = await loop.run_in_executor(None, file_signature, self.settings.model)
        if signature == self._signature and not requested and not self._slow:
            return
        try:
            model = await loop.run_in_executor(None, self._load)
        except PuntualError as error:
            self._signature = self._keep_signature(error, signature)
            if requested or self._signature or self._reason(error) != self.refused:
                self.row.numbers[SWAP_REFUSED] += 1
                self._refuse(error)
            return
        self._signature = signature
        before = self._model.name if self._model else "none"
        self._use(model)
        self.row.numbers[SWAPPED] += 1
        logger.info("model %s answers now, instead of %s; SHA-256 %s", model.name, before, model.sha256)
        audit("model.swap", model=model.name, before=before, sha256=model.sha256, file=self.settings.model)
        del model
        tune_gc()

    def _load(self) -> LoadedModel:
        data = read_model_file(Path(self.settings.model))
        known = self._last_good.read() if self._last_good else None
        if known is not None and known != data:
            try_model(data, self.settings)
        model = LoadedModel.load(data, self.settings, self.routes)
        if self._last_good is not None:
            self._last_good.keep(data)
        return model

    def _use_last_good(self) -> None:
        """Use the server's copy of the last good model, with which the other workers answer."""
        data = self._last_good.read() if self._last_good else None
        if data is None:
            return
        try:
            self._use(LoadedModel.load(data, self.settings, self.routes))
        except PuntualError as error:
            logger.error("the copy of the last good model: %s", error)  # noqa: TRY400 - as for the file
        else:
            self._copied = True

    @staticmethod
    def _keep_signature(error: PuntualError, signature: tuple[int, ...]) -> tuple[int, ...]:
        """The signature of a refused file; empty if it could not be read, so that it is tried again."""
        return () if isinstance(error.__cause__, OSError) else signature

    def _use(self, model: LoadedModel) -> None:
        self._model, self.refused, self._copied = model, UNSET, False
        self.row.model = model.name
        if self.live is not None:
            self.live.use(model.source)

    def _refuse(self, error: PuntualError) -> None:
        self.refused = self._reason(error)
        kept = f"; {self._model.name} is kept" if self._model else ""
        logger.error("%s%s%s", error, kept, _COPY if self._copied else "")

    def _reason(self, error: PuntualError) -> str:
        """The error for clients, without the folder of the model's file."""
        reason = str(error).replace(self.settings.model, Path(self.settings.model).name)
        return reason + (_COPY if self._copied else "")


def tune_gc() -> None:
    """Keep the garbage collector away from permanent objects, and from thousands of requests in flight.

    Requests leave no cycles; with thousands of them in flight, the default threshold would have the collector
    traverse all of them many times a second.
    """
    gc.set_threshold(GC_OBJECTS)
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _document(answer: object) -> Document:
    return Document(encode(answer), TYPES[".json"])
