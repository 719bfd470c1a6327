"""What the routes answer from: the settings, the files of the page, and the model, if one is loaded."""

from __future__ import annotations

import logging
from pathlib import Path

from puntual.config import Settings
from puntual.errors import PuntualError
from puntual.inference.predictor import Predictor
from puntual.serving.documents import TYPES, Document, load_files
from puntual.serving.openapi import describe_api
from puntual.serving.problems import RefusedError
from puntual.serving.wire import (
    describe_model,
    encode,
    list_airlines,
    list_destinations,
    list_rates,
    rate_dimensions,
)

_RETRY_SECONDS = "5"

logger = logging.getLogger("puntual.serving")


class LoadedModel:
    """A model that is ready to answer, and what is told of it, by path."""

    def __init__(self, predictor: Predictor, settings: Settings) -> None:
        artifact = predictor.artifact
        told: dict[str, object] = {
            "/v1/model": describe_model(predictor),
            "/v1/airlines": list_airlines(artifact.tables),
            "/v1/destinations": list_destinations(artifact.tables),
            "/openapi.json": describe_api(predictor, settings),
        }
        self.predictor = predictor
        self.name = artifact.name
        self.threshold_minutes = artifact.threshold_minutes
        self.rates = {
            by: Document(encode(list_rates(artifact, by)), TYPES[".json"])
            for by in ("", *rate_dimensions(artifact))
        }
        self.documents = {path: Document(encode(value), TYPES[".json"]) for path, value in told.items()}


class Service:
    """A process that answers.

    Parameters
    ----------
    settings : their model is loaded; one that cannot be is logged, and what needs it is refused
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.files = load_files()
        self._model: LoadedModel | None = None
        try:
            if settings.model:
                self._model = LoadedModel(
                    Predictor.load(Path(settings.model), cut=settings.decided_cut), settings
                )
        except PuntualError as error:
            logger.error("%s", error)  # noqa: TRY400

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
