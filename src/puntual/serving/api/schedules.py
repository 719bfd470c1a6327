"""What the page needs to read a schedule by itself: headers of the sources, headings of others, and limits.

Also whether there may be boards of days: a page asks a server without a store for none.
"""

from __future__ import annotations

from puntual.formats import CANCELLED, CODE, HEADERS, LARGEST_DELAY_HOURS, SEPARATORS, YEARS
from puntual.formats.headings import ANY_WORDS, HEADINGS, MISSING, OTHERS
from puntual.serving.api.schemas import encode
from puntual.serving.http.documents import TYPES, Document
from puntual.serving.settings import Settings

PATH = "/board/schedules.json"


def describe_schedules(settings: Settings, *, workbooks: bool) -> Document:
    """How files of flights are written, the limits of a request, and whether there is a store.

    Parameters
    ----------
    workbooks : whether the server reads them
    """
    schedules = {
        "headers": HEADERS,
        "separators": SEPARATORS,
        "years": YEARS,
        "code": CODE,
        "cancelled": CANCELLED,
        "headings": HEADINGS,
        "other_words": OTHERS,
        "any_words": ANY_WORDS,
        "missing": MISSING,
        "largest_delay_hours": LARGEST_DELAY_HOURS,
        "max_flights": settings.max_flights,
        "max_body_bytes": settings.max_body_bytes,
        "live": bool(settings.store),
        "workbooks": workbooks,
    }
    return Document(encode(schedules), TYPES[".json"])
