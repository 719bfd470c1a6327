"""Draft a mapping for a file of flights, unless it is read without one."""

from __future__ import annotations

from puntual.data.blocks import Data, read_sample
from puntual.data.delimited import ROW
from puntual.data.drafting import Draft, draft_lines
from puntual.data.embedded import EMBEDDED
from puntual.data.file_kinds import find_file_kind
from puntual.data.frames import WHERE, is_frame
from puntual.data.reading import read_flights
from puntual.data.recognition import find_source
from puntual.errors import DataError


def draft_mapping(data: Data) -> Draft | str:
    """Draft a mapping for a file, or name the source that reads it without one.

    Parameters
    ----------
    data : path of a file, a name of `EMBEDDED`, or a data frame

    Raises
    ------
    DataError : the file cannot be read as a table
    """
    if isinstance(data, str) and data in EMBEDDED:
        return EMBEDDED[data].source
    sample = read_sample(data)
    known = find_source(sample.columns) or find_file_kind(sample.columns)
    if known is not None and _is_readable(data):
        return known.name
    return Draft(WHERE if is_frame(data) else str(data), tuple(draft_lines(sample.drop(ROW))))


def _is_readable(data: Data) -> bool:
    """Whether a file's rows can be read, too, not only its header recognised."""
    try:
        read_flights(data, history=False)
    except DataError:
        return False
    return True
