"""What the routes answer from: the settings, the files of the page, and the model, if one is loaded."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import UNSET, UnsetType

from puntual.errors import ArtifactError, PuntualError
from puntual.inference.artifact import read_model_file, unpack_artifact
from puntual.inference.predictor import Predictor
from puntual.serving.api import schedules
from puntual.serving.api.openapi import describe_api
from puntual.serving.api.schemas import (
    describe_model,
    encode,
    list_airlines,
    list_days,
    list_destinations,
    list_interactions,
    list_rates,
    rate_dimensions,
)
from puntual.serving.bulk_predictor import BulkPredictor
from puntual.serving.http.bodies import BodyReader
from puntual.serving.http.documents import TYPES, Document, load_files
from puntual.serving.http.problems import RefusedError
from puntual.serving.http.route import Route, route_labels
from puntual.serving.load_test import LastLoadTest
from puntual.serving.ops.counters import BEAT, SWAP_REFUSED, SWAPPED, SharedCounters
from puntual.serving.ops.digest import file_signature, normalize_digest
from puntual.serving.ops.last_good import LastGoodModel
from puntual.serving.settings import Settings
from puntual.types import Prediction

TICK_SECONDS = 0.5
"""Between two looks at the model's file and at bodies that do not come."""
LOAD_SECONDS = 30
"""For a model's file to be read and to answer, before the log says that it is not."""
LAST_SECONDS = 1.0
"""For a body to come once the server is about to end."""
GC_OBJECTS = 50_000
"""New ones, beyond those that went, before the garbage collector looks at them."""
_RETRY_SECONDS = "5"
_COPY = "; from the server's own copy of the last good model"

logger = logging.getLogger("puntual.serving")


class LoadedModel:
    """A model that is ready to answer, and what is told of it, by path.

    Attributes
    ----------
    sha256 : of the bytes that it was loaded from; empty: it was not loaded
    """

    sha256 = ""

    def __init__(self, predictor: Predictor, settings: Settings, routes: Sequence[Route]) -> None:
        artifact = predictor.artifact
        told: dict[str, object] = {
            "/v1/model": describe_model(predictor),
            "/v1/airlines": list_airlines(artifact.tables),
            "/v1/destinations": list_destinations(artifact.tables),
            "/v1/crossings": list_interactions(artifact),
            "/v1/days": list_days(artifact),
            "/openapi.json": describe_api(predictor, settings, routes),
        }
        self.predictor = predictor
        self.name = artifact.name
        self.threshold_minutes = artifact.threshold_minutes
        self.rates = {
            by: Document(encode(list_rates(artifact, by)), TYPES[".json"])
            for by in ("", *rate_dimensions(artifact))
        }
        self.documents = {path: Document(encode(value), TYPES[".json"]) for path, value in told.items()}

    @classmethod
    def load(cls, data: bytes, settings: Settings, routes: Sequence[Route]) -> LoadedModel:
        """Check the bytes of a model's file; the examples of its description are its first answers.

        Raises
        ------
        ArtifactError : it cannot be used, or is not the one of the digest that is asked for
        """
        # The digest is that of what is read: a file that is exchanged meanwhile gets past no check.
        wanted = normalize_digest(settings.model_sha256)
        try:
            artifact = unpack_artifact(data, settings.model, sha256=wanted)
            predictor = Predictor(artifact, decision_threshold=settings.decision_threshold)
            model = cls(predictor, settings, routes)
        except PuntualError:
            raise
        except Exception as error:
            raise ArtifactError(settings.model, f"it does not answer: {error!r}") from error
        model.sha256 = hashlib.sha256(data).hexdigest()
        return model


class Service:
    """A process that answers.

    Parameters
    ----------
    settings : their model is loaded; one that cannot be is logged, and what needs it is refused
    counters : where it counts
    routes : what it answers
    last_good : where a model that it takes over is kept, for workers to come; None: nowhere

    Attributes
    ----------
    refused : why the model's file, which has changed, was not taken over
    closing : whether the server is about to end, as it was at the last look
    """

    def __init__(
        self,
        settings: Settings,
        counters: SharedCounters,
        routes: Sequence[Route],
        last_good: LastGoodModel | None = None,
    ) -> None:
        self.settings = settings
        self.routes, self.route_labels = routes, route_labels(routes)
        self.counters = counters
        self._last_good = last_good
        self.row = counters.acquire_row()
        self.files = load_files() | {schedules.PATH: schedules.describe_schedules(settings)}
        self.load_test = LastLoadTest(settings.stress_report)
        self.reader = BodyReader(settings.max_body_bytes, settings.body_seconds)
        self.bulk = BulkPredictor()
        self.refused: str | UnsetType = UNSET
        self.closing = False
        self._model: LoadedModel | None = None
        self._swapping: asyncio.Task[None] | None = None
        self._reading: asyncio.Future[None] | None = None
        self._swap_asked = self._slow = False
        self._swap_began = 0.0
        self._copied = False
        self._seen = file_signature(settings.model)
        if settings.model:
            try:
                self._take(self._load())
            except PuntualError as error:
                self._take_last_good()
                self._refuse(error)
                self._seen = self._seen_again(error, self._seen)

    @property
    def model(self) -> LoadedModel:
        """The model that is loaded.

        Raises
        ------
        RefusedError : none is
        """
        if self._model is None:
            raise RefusedError(
                "no-model",
                "this server has no model to answer from",
                headers=(("retry-after", _RETRY_SECONDS),),
            )
        return self._model

    def count(self, answers: Iterable[Prediction]) -> None:
        """Count answered flights."""
        count = self.row.count_answer
        for answer in answers:
            count(answer.delay_probability, answer.unknown)

    def watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look now and then at what takes too long, and at the files that may change."""
        self.closing = self.counters.draining
        self.row.numbers[BEAT] += 1
        self.reader.cancel_overdue(LAST_SECONDS if self.closing else None)
        if self._reading is None or self._reading.done():
            self._reading = loop.run_in_executor(None, self.load_test.look)
        if self.settings.model:
            self._look_at_model(loop)
        loop.call_later(TICK_SECONDS, self.watch, loop)

    def swap(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take over the model's file, changed or not, once it has answered; a bad one leaves the model."""
        self._swap_asked = True
        self._look_at_model(loop)

    def _look_at_model(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin a look at the model's file, or say that the last one takes too long.

        It is looked at and loaded beside the thread that answers, for a disk may keep it waiting for ever.
        Requests that have begun end with their model.
        """
        if self._swapping is None or self._swapping.done():
            self._slow, self._swap_began = False, time.monotonic()
            self._swapping = loop.create_task(self._swap(loop))
        elif not self._slow and time.monotonic() - self._swap_began > LOAD_SECONDS:
            self._slow = True
            self._refuse(ArtifactError(self.settings.model, f"not read within {LOAD_SECONDS} seconds"))

    async def _swap(self, loop: asyncio.AbstractEventLoop) -> None:
        asked, self._swap_asked = self._swap_asked, False
        seen = await loop.run_in_executor(None, file_signature, self.settings.model)
        if seen == self._seen and not asked and not self._slow:
            return
        try:
            model = await loop.run_in_executor(None, self._load)
        except PuntualError as error:
            self._seen = self._seen_again(error, seen)
            if asked or self._seen or self._reason(error) != self.refused:
                self.row.numbers[SWAP_REFUSED] += 1
                self._refuse(error)
            return
        self._seen = seen
        before = self._model.name if self._model else "none"
        self._take(model)
        self.row.numbers[SWAPPED] += 1
        logger.info("model %s answers now, instead of %s; SHA-256 %s", model.name, before, model.sha256)
        del model
        tune_gc()

    def _load(self) -> LoadedModel:
        """The model of the file, which has answered."""
        data = read_model_file(Path(self.settings.model))
        model = LoadedModel.load(data, self.settings, self.routes)
        if self._last_good is not None:
            self._last_good.keep(data)
        return model

    def _take_last_good(self) -> None:
        """Take over the model that the server kept: the workers beside this one answer with it."""
        data = self._last_good.read() if self._last_good else None
        if data is None:
            return
        try:
            self._take(LoadedModel.load(data, self.settings, self.routes))
        except PuntualError as error:
            logger.error("the copy of the last good model: %s", error)  # noqa: TRY400 - as for the file
        else:
            self._copied = True

    @staticmethod
    def _seen_again(error: PuntualError, seen: tuple[int, ...]) -> tuple[int, ...]:
        """What was seen of a refused file: nothing where it could not be read, so that it is tried again."""
        return () if isinstance(error.__cause__, OSError) else seen

    def _take(self, model: LoadedModel) -> None:
        self._model, self.refused, self._copied = model, UNSET, False
        self.row.model = model.name

    def _refuse(self, error: PuntualError) -> None:
        self.refused = self._reason(error)
        kept = f"; {self._model.name} is kept" if self._model else ""
        logger.error("%s%s%s", error, kept, _COPY if self._copied else "")

    def _reason(self, error: PuntualError) -> str:
        """As clients may read it: without the folder of the model's file."""
        reason = str(error).replace(self.settings.model, Path(self.settings.model).name)
        return reason + (_COPY if self._copied else "")


def tune_gc() -> None:
    """Keep the garbage collector from looking again and again at what stays, and at what is in flight.

    Requests leave no cycles behind; with thousands in flight, the usual threshold has it look at all of them
    many times a second.
    """
    gc.set_threshold(GC_OBJECTS)
    gc.unfreeze()
    gc.collect()
    gc.freeze()
