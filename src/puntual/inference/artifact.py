"""The `.puntual` file: one zip, data only, every part digest-checked."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from puntual.access.signatures import Signature, sign
from puntual.errors import ArtifactError
from puntual.files import atomic_file, describe_error, read_file
from puntual.inference.bundle import (
    MANIFEST,
    SIGNATURE,
    WANTED,
    check_signature,
    decode,
    encode,
    opened,
    pack,
    read_bounded,
)
from puntual.inference.calibration import Calibration
from puntual.inference.cancellation import Cancellation
from puntual.inference.evaluation_results import Card, EvaluationSummary, summarize
from puntual.inference.exceedance import Exceedance
from puntual.inference.flight_numbers import FlightNumber
from puntual.inference.rates import AirlineRoute, Day, InteractionRate, Rate
from puntual.inference.tables import Tables
from puntual.inference.trees import check_trees

FORMAT = 9
MAX_FILE_BYTES = 64 * 2**20
_WITH_TIMETABLE, _WITHOUT_TIMETABLE, _CALIBRATIONS = "with_timetable.txt", "alone.txt", "calibration.json"
_FIELD_PARTS = {
    "features": "features.json",
    "tables": "tables.json",
    "exceedance": "ladder.json",
    "cancellation": "cancellation.json",
    "card": "card.json",
    "training": "training.json",
    "operations": "operations.json",
    "rates": "rates.json",
    "interactions": "crossings.json",
    "days": "days.json",
    "airline_routes": "routes.json",
    "flight_numbers": "flights.json",
}
"""The fields of an artifact that are a part each."""
_FLIGHT_NUMBERS = _FIELD_PARTS["flight_numbers"]
_OPTIONAL = {SIGNATURE, _FLIGHT_NUMBERS}
"""Parts that a model may have."""
_PARTS = {_WITH_TIMETABLE, _WITHOUT_TIMETABLE, _CALIBRATIONS, *_FIELD_PARTS.values()} - _OPTIONAL


class Training(msgspec.Struct, frozen=True):
    """What a model learned from.

    Attributes
    ----------
    source : name of the source (`puntual.data.SOURCES`)
    first, last : local dates of the first and last flight learned from, ISO 8601
    flights : how many were learned from
    base_rate : share of them that were delayed
    block_days : length of the blocks of consecutive days that are resampled for the intervals of their rates
    digest : SHA-256 of those flights in the canonical frame
    seed : of the trees' random choices
    cancelled : share of the history's flights that were cancelled
    refitted : whether the model was fitted again on all flights after it was measured (``--final``)
    versions : of Puntual and the libraries that made the model
    """

    source: str
    first: str
    last: str
    flights: int
    base_rate: float
    block_days: int
    digest: str
    seed: int
    cancelled: float
    refitted: bool
    versions: dict[str, str]


class Trees(msgspec.Struct, frozen=True):
    """Trees that predict the log-odds of a delay, in LightGBM's text format, and their calibration."""

    booster: str
    calibration: Calibration


class Operations(msgspec.Struct, frozen=True):
    """What answers from what is known on the day; it is calibrated for any lead time.

    Attributes
    ----------
    features : names, in the order that the trees read: of the schedule, then
        `puntual.inference.operations.OPERATIONS`
    near, far : for flights up to `near_minutes` ahead, and for those after that
    exceedance : what leads from their probability to those at other minutes
    cancellation : what gives the probability that a flight is cancelled; None: the schedule's does
    """

    features: tuple[str, ...]
    near: Trees
    far: Trees
    near_minutes: int
    exceedance: Exceedance
    cancellation: Cancellation | None = None


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that answers a prediction.

    Attributes
    ----------
    name : source and digest, such as ``scl-3f9a1c0b2d4e`` (`named`)
    threshold_minutes : a flight is delayed when it leaves more than this late
    decision_threshold : a prediction is ``delayed`` if its probability reaches it
    features : names, in the order that the trees read
    with_timetable, without_timetable : for flights whose timetable is known, and for the others
    operations : for flights of which is known how their day runs; None: they are answered like all others
    exceedance : what leads from the probability at `threshold_minutes` to those at other minutes
    cancellation : what gives the probability that a flight is cancelled; None: the history had too few
        cancelled flights to learn from
    card : everything that was measured of it
    rates : delay rates of groups of the flights learned from, by dimension
    interactions : delay rates of those flights by month and hour
    days : how late the flights of each day were, in time order
    airline_routes : the routes that each airline flew, the most flown first
    flight_numbers : the record of each flight number; empty: the history had none
    """

    name: str
    threshold_minutes: int
    decision_threshold: float
    features: tuple[str, ...]
    with_timetable: Trees
    without_timetable: Trees
    tables: Tables
    exceedance: Exceedance
    cancellation: Cancellation | None
    card: Card
    training: Training
    rates: tuple[Rate, ...]
    interactions: tuple[InteractionRate, ...]
    days: tuple[Day, ...]
    airline_routes: tuple[AirlineRoute, ...]
    operations: Operations | None = None
    flight_numbers: tuple[FlightNumber, ...] = ()

    @property
    def evaluation(self) -> EvaluationSummary:
        """The main metrics on the flights that the model did not learn from."""
        return summarize(self.card.evaluations[0])


class _Manifest(msgspec.Struct, frozen=True):
    format: int
    name: str
    threshold_minutes: int
    decision_threshold: float = msgspec.field(name="cut")
    parts: dict[str, str]


class _Calibrations(msgspec.Struct, frozen=True):
    with_timetable: Calibration
    without_timetable: Calibration = msgspec.field(name="alone")


def write_artifact(artifact: Artifact, path: Path) -> None:
    """Write a model file, or leave what was there as it was.

    The same artifact gives the same bytes.

    Raises
    ------
    ArtifactError : there is no such folder, or it cannot be written
    """
    parts = {
        _WITH_TIMETABLE: artifact.with_timetable.booster.encode(),
        _WITHOUT_TIMETABLE: artifact.without_timetable.booster.encode(),
        _CALIBRATIONS: encode(_Calibrations(*(trees.calibration for trees in _modes(artifact)))),
        **{part: encode(getattr(artifact, name)) for name, part in _FIELD_PARTS.items()},
    }
    if not artifact.flight_numbers:
        del parts[_FLIGHT_NUMBERS]
    manifest = _Manifest(
        format=FORMAT,
        name=artifact.name,
        threshold_minutes=artifact.threshold_minutes,
        decision_threshold=artifact.decision_threshold,
        parts={name: hashlib.sha256(data).hexdigest() for name, data in parts.items()},
    )
    packed = pack({MANIFEST: encode(manifest), **parts})
    try:
        with atomic_file(path) as temporary:
            temporary.write_bytes(packed)
    except OSError as error:
        raise ArtifactError(str(path), f"cannot be written: {error.strerror}") from error


def read_artifact(path: Path, *, sha256: str = "") -> Artifact:
    """Read and check a model file.

    Parameters
    ----------
    sha256 : what the file itself must have, in small hexadecimal letters; empty: any file will do

    Raises
    ------
    ArtifactError : it is missing, not a model, of another format, truncated, changed or hostile

    Examples
    --------
    >>> read_artifact(Path("nowhere.puntual"))
    Traceback (most recent call last):
        ...
    puntual.errors.ArtifactError: nowhere.puntual: no such file; wanted: a model written by `puntual train`
    """
    return unpack_artifact(read_model_file(path), str(path), sha256=sha256)


def read_model_file(path: Path) -> bytes:
    """The bytes of a model file, which `unpack_artifact` checks.

    Raises
    ------
    ArtifactError : it is missing, cannot be read, is no regular file, or is larger than `MAX_FILE_BYTES`
    """
    try:
        return read_file(path, MAX_FILE_BYTES)
    except OSError as error:
        raise ArtifactError(str(path), describe_error(error), wanted=WANTED) from error


def sign_model(data: bytes, where: str, key: Path) -> tuple[bytes, Signature]:
    """The bytes of the same model with a signature of its manifest, in place of the one that it had.

    The manifest has the digest of every other part, so that it is signed with all of them.

    Parameters
    ----------
    where : its path, for the errors
    key : file of the private key

    Raises
    ------
    ArtifactError : no model
    SettingError : no private key
    """
    with opened(data, where) as bundle:
        parts = _read_parts(bundle, where)
    signature = sign(parts[MANIFEST], key)
    return pack(parts | {SIGNATURE: encode(signature)}), signature


def unpack_artifact(data: bytes, where: str, *, sha256: str = "", trusted: Sequence[str] = ()) -> Artifact:
    """Check the bytes of a model file; parameters and errors as in `read_artifact`.

    Parameters
    ----------
    where : its path, for the errors
    trusted : public keys, with one of which it has to be signed; empty: it need not be signed
    """
    if sha256 and (found := hashlib.sha256(data).hexdigest()) != sha256:
        raise ArtifactError(where, f"its SHA-256 is {found}", wanted=sha256)
    with opened(data, where) as bundle:
        parts = _read_parts(bundle, where)
    if trusted:
        check_signature(parts, trusted, where)
    manifest = decode(parts[MANIFEST], _Manifest, where, MANIFEST)
    for name in sorted({*manifest.parts, *parts} - {MANIFEST, SIGNATURE}):
        if hashlib.sha256(parts.get(name, b"")).hexdigest() != manifest.parts.get(name):
            raise ArtifactError(where, f"{name} does not match its digest: the file was changed or damaged")
    calibrations = decode(parts[_CALIBRATIONS], _Calibrations, where, _CALIBRATIONS)
    artifact = Artifact(
        name=manifest.name,
        threshold_minutes=manifest.threshold_minutes,
        decision_threshold=manifest.decision_threshold,
        with_timetable=_trees(parts[_WITH_TIMETABLE], calibrations.with_timetable),
        without_timetable=_trees(parts[_WITHOUT_TIMETABLE], calibrations.without_timetable),
        **{
            field.name: decode(parts[part], field.type, where, part)
            for field in msgspec.structs.fields(Artifact)
            if (part := _FIELD_PARTS.get(field.name)) in parts
        },
    )
    for booster in _boosters(*_modes(artifact), artifact.exceedance, artifact.cancellation):
        check_trees(booster, len(artifact.features), where)
    day = artifact.operations
    if day:
        if day.exceedance.minutes != artifact.exceedance.minutes:
            raise ArtifactError(where, "operations.json: P(delay > t) for other t", wanted=WANTED)
        for booster in _boosters(day.near, day.far, day.exceedance, day.cancellation):
            check_trees(booster, len(day.features), where)
    return artifact


def named(artifact: Artifact) -> Artifact:
    """The same artifact, named by its source and a digest of everything that answers depend on."""
    answering = (
        artifact.threshold_minutes,
        artifact.decision_threshold,
        artifact.features,
        *_modes(artifact),
        artifact.tables,
        artifact.exceedance,
        *(part for part in (artifact.operations, artifact.cancellation) if part is not None),
        artifact.training.base_rate,
    )
    digest = hashlib.sha256(msgspec.json.encode(answering, order="deterministic")).hexdigest()
    return msgspec.structs.replace(artifact, name=f"{artifact.training.source}-{digest[:12]}")


def _boosters(
    one: Trees, other: Trees, exceedance: Exceedance, cancellation: Cancellation | None
) -> list[str]:
    """Everything in them that LightGBM reads."""
    models = (one, other, *exceedance.above, *exceedance.below, cancellation)
    return [model.booster for model in models if model is not None and model.booster is not None]


def _modes(artifact: Artifact) -> tuple[Trees, Trees]:
    return artifact.with_timetable, artifact.without_timetable


def _trees(text: bytes, calibration: Calibration) -> Trees:
    return Trees(text.decode("utf-8", errors="replace"), calibration)


def _read_parts(bundle: zipfile.ZipFile, where: str) -> dict[str, bytes]:
    entries = bundle.infolist()
    names = [entry.filename for entry in entries]
    if MANIFEST not in names:
        raise ArtifactError(where, f"no {MANIFEST} in it", wanted=WANTED)
    manifest = read_bounded(bundle, entries[names.index(MANIFEST)], where)
    found = decode(manifest, dict[str, Any], where, MANIFEST).get("format")
    if found != FORMAT:
        raise ArtifactError(where, f"model format {found!r}", wanted=f"format {FORMAT}; train the model anew")
    odd = sorted(({*names} - _OPTIONAL) ^ {MANIFEST, *_PARTS})
    if odd or len(names) > len({*names}):
        odd += ["a part that stands twice"]
        raise ArtifactError(where, f"unexpected or missing part {odd[0]!r}", wanted=WANTED)
    return {entry.filename: read_bounded(bundle, entry, where) for entry in entries}
