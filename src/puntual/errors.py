"""The errors that Puntual raises; each message is one line: where, what was found, what is wanted."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

_FIELD = re.compile(r"Object (?P<which>missing required|contains unknown) field `(?P<name>.*)`", re.DOTALL)
_STEP = re.compile(r"\.(?P<name>\w+)|\[(?P<index>\d+)\]")


class PuntualError(Exception):
    """The base of Puntual's errors; the command line prints the message and exits with status 2."""


class LocatedError(PuntualError, ValueError):
    """Something at a place is not as wanted."""

    def __init__(self, where: str, found: str, *, wanted: str = "") -> None:
        self.where, self.found, self.wanted = where, found, wanted
        super().__init__(f"{where}: {found}" + (f"; wanted: {wanted}" if wanted else ""))


class DataError(LocatedError):
    """A file cannot be read as flights, or as weather.

    Examples
    --------
    >>> str(DataError("flights.csv", "the file is empty", wanted="a header and one row a flight"))
    'flights.csv: the file is empty; wanted: a header and one row a flight'
    """


class ReportError(LocatedError):
    """A report of the weather cannot be read."""


class EmptyReportError(ReportError):
    """A report of the weather says nothing that is used, as `NIL` does."""


class PuntualWarning(UserWarning):
    """Something about the given flights that the user should know, in one sentence."""


class LeakageError(PuntualError, ValueError):
    """A feature reads a column that it does not declare, or that is not yet known at its horizon."""

    def __init__(self, feature: str, column: str, known_at: str = "", horizon: str = "") -> None:
        late = f"is known at {known_at}, after the horizon {horizon!r}"
        reason = late if known_at else "its catalogue entry does not declare"
        super().__init__(f"feature {feature!r} reads {column!r}, which {reason}")


class ShapeError(PuntualError, ValueError):
    """Arrays are empty, or their shapes do not match."""


class ArtifactError(LocatedError):
    """A model file is missing, damaged, unsafe or of an unknown format."""


class StoreError(LocatedError):
    """The store of events cannot be used as it is; where it is, without its password.

    Examples
    --------
    >>> str(StoreError("events.db", "its version is 0009", wanted="the newer Puntual that wrote it"))
    'events.db: its version is 0009; wanted: the newer Puntual that wrote it'
    """


class StoreDownError(StoreError):
    """The store of events does not answer, is locked or full: it may work later."""


class ClusterError(LocatedError):
    """A cluster cannot be used, or was lost.

    Examples
    --------
    >>> str(ClusterError("tcp://10.0.0.7:8786", "no worker within 60 s", wanted="a cluster with workers"))
    'tcp://10.0.0.7:8786: no worker within 60 s; wanted: a cluster with workers'
    """


class SettingError(PuntualError, ValueError):
    """A flag or an environment variable has an unusable value."""


EXTRAS = {
    **dict.fromkeys(
        ("airportsdata", "backports", "holidays", "lightgbm", "metar", "numpy", "polars"), "train"
    ),
    **dict.fromkeys(("narwhals", "scipy", "sklearn"), "train"),
    **dict.fromkeys(("alembic", "psycopg", "sqlalchemy"), "store"),
    **dict.fromkeys(("altair", "jinja2", "vl_convert"), "explore"),
    **dict.fromkeys(("dask", "distributed"), "cluster"),
    "dask_kubernetes": "kubernetes",
    "fastexcel": "excel",
    **dict.fromkeys(("fsspec", "gcsfs", "s3fs"), "remote"),
    "cryptography": "sign",
    "hdrh": "stress",
    "mcp": "mcp",
    "optuna": "tune",
    "pyarrow": "pandas",
}
"""By library, the extra of puntual that installs it."""


class MissingDependencyError(PuntualError, ImportError):
    """The libraries of a part of Puntual are not installed.

    Examples
    --------
    >>> str(MissingDependencyError("polars", extra="train"))
    "this needs polars, which is not installed: pip install 'puntual[train]'"
    """

    def __init__(self, module: str, *, extra: str) -> None:
        super().__init__(f"this needs {module}, which is not installed: pip install 'puntual[{extra}]'")


def name_missing(error: ModuleNotFoundError) -> ImportError:
    """The same error, or, if an extra of puntual installs the library, one that names it."""
    missing = str(error.name).partition(".")[0]
    return MissingDependencyError(missing, extra=EXTRAS[missing]) if missing in EXTRAS else error


class NativeLibraryError(PuntualError, OSError):
    """LightGBM's shared library, or the OpenMP library of the system that it needs, cannot be loaded."""


class FlightError(PuntualError, ValueError):
    """A flight cannot be predicted; the message names the field, its value, and what is allowed.

    Attributes
    ----------
    index : position of the flight in its request, from 0
    field : name of the field
    """

    def __init__(self, index: int, field: str, found: str, *, wanted: str) -> None:
        self.index, self.field, self.found, self.wanted = index, field, found, wanted
        super().__init__(f"$.flights[{index}].{field}: {found}; wanted: {wanted}")


class TargetError(PuntualError, ConnectionError):
    """A service cannot be used.

    Examples
    --------
    >>> str(TargetError("127.0.0.1:8000", "Connection refused"))
    '127.0.0.1:8000: Connection refused; wanted: a service that answers, such as `puntual serve`'
    """

    def __init__(
        self, where: str, found: str, *, wanted: str = "a service that answers, such as `puntual serve`"
    ) -> None:
        super().__init__(f"{where}: {found}; wanted: {wanted}")


class GeneratorError(PuntualError, RuntimeError):
    """A process of a load test ended by itself."""

    def __init__(self) -> None:
        super().__init__("a process of the load test ended by itself; what it wrote above says why")


def printable(text: str) -> str:
    r"""A text on one line, with line ends, control codes and other invisible characters as Python escapes.

    Examples
    --------
    >>> printable("/vuelos/ñandú\r\n\x1b[2K")
    '/vuelos/ñandú\\r\\n\\x1b[2K'
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)


class DecodingProblem(NamedTuple):
    """Why msgspec refused to convert a document; msgspec itself gives only the message.

    Attributes
    ----------
    kind : a required field is ``missing``, a field is ``unknown``, or a value is ``invalid``
    path : of the value, such as ``$.flights[3].airline``; for a missing or unknown field, of its object
    field : name of the missing or unknown field; otherwise empty
    reason : msgspec's message without the path
    """

    kind: Literal["missing", "unknown", "invalid"]
    path: str
    field: str
    reason: str

    @property
    def steps(self) -> list[str | int]:
        """The path's names and list positions, by which the value is found in the document."""
        return [step["name"] or int(step["index"]) for step in _STEP.finditer(self.path)]


def parse_decoding_error(message: str) -> DecodingProblem:
    """Take a message of `msgspec.ValidationError` apart.

    Examples
    --------
    >>> problem = parse_decoding_error("Expected `str`, got `int` - at `$.flights[3].airline`")
    >>> problem.kind, problem.path, problem.steps
    ('invalid', '$.flights[3].airline', ['flights', 3, 'airline'])
    >>> parse_decoding_error("Object contains unknown field `airlne` - at `$.flights[0]`").field
    'airlne'
    """
    reason, found, path = message.rpartition(" - at `")
    if not found:
        reason, path = message, "$`"
    path = path.removesuffix("`")
    field = _FIELD.fullmatch(reason)
    if field is None:
        return DecodingProblem("invalid", path, "", reason)
    kind: Literal["missing", "unknown"] = "missing" if field["which"].startswith("missing") else "unknown"
    return DecodingProblem(kind, path, field["name"], reason)
