"""Static responses: the files of the page, and JSON that stays the same as long as the model does."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from puntual.serving.http.messages import GUARDS, HeaderList, Request, Response

WEB = Path(__file__).parents[1] / "web"

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""Only files of these types are served from the page's folder."""

MIN_ZIPPED_BYTES = 1024
ZIPPED_TYPES = {TYPES[suffix] for suffix in (".html", ".css", ".js", ".json", ".svg")}
"""Larger bodies of these types are compressed once, when they are made."""
_VARIES = ("vary", "accept-encoding")

PAGE_PATHS = {"/index.html": "/", "/docs.html": "/docs"}
MISSING_PAGE = "/missing.html"
"""Shown to people for a path that does not exist."""
"""Files that are served at another path than their own."""

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

PAGE_HEADERS: HeaderList = [
    ("content-security-policy", CONTENT_POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]


class Document:
    """A body with an entity tag, so that a client that has it is answered with 304.

    Parameters
    ----------
    content_type : one of `TYPES`
    status : of the answer; any but 200 is neither kept by clients nor answered with 304

    Examples
    --------
    >>> document = Document(b"{}", "application/json")
    >>> document.answer(Request("GET", "/", {}, b"")).status
    200
    >>> document.answer(Request("GET", "/", {"if-none-match": document.etag}, b"")).status
    304
    """

    def __init__(self, body: bytes, content_type: str, status: int = 200) -> None:
        self._status = status
        digest = hashlib.sha256(body).hexdigest()[:16]
        self.etag, self._zipped_etag = f'"{digest}"', f'"{digest}-gzip"'
        self._body = body
        self._zipped = b""
        self._headers: HeaderList = [
            ("content-type", content_type),
            *GUARDS,
            ("cache-control", "no-cache"),
            ("etag", self.etag),
            *(PAGE_HEADERS if content_type.startswith("text/html") else ()),
        ]
        self._zipped_headers: HeaderList = []
        if len(body) >= MIN_ZIPPED_BYTES and content_type in ZIPPED_TYPES:
            self._zipped = gzip.compress(body, mtime=0)
            self._headers.append(_VARIES)
            fields = [field for field in self._headers if field[0] != "etag"]
            self._zipped_headers = [*fields, ("etag", self._zipped_etag), ("content-encoding", "gzip")]

    def answer(self, request: Request) -> Response:
        """The body, or 304 if the client has it."""
        zipped = bool(self._zipped) and takes_gzip(request.headers.get("accept-encoding"))
        headers = self._zipped_headers if zipped else self._headers
        tags = request.headers.get("if-none-match")
        known = tags is not None and (self.etag in tags or self._zipped_etag in tags or tags.strip() == "*")
        if known and self._status == 200:
            return Response(304, headers, b"")
        return Response(self._status, headers, self._zipped if zipped else self._body)


def takes_gzip(accepted: str | None) -> bool:
    """Whether a client takes a body that gzip has compressed, by its `accept-encoding`.

    Examples
    --------
    >>> [takes_gzip(text) for text in ("gzip, br", "br;q=1, GZIP;q=0.5", "gzip;q=0", "identity", None)]
    [True, True, False, False, False]
    """
    for each in (accepted or "").lower().split(","):
        name, _, weight = each.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def takes_html(accepted: str | None) -> bool:
    """Whether a client is a browser that shows a page, by its `accept`.

    Examples
    --------
    >>> [takes_html(text) for text in ("text/html,application/xml;q=0.9,*/*;q=0.8", "*/*", None)]
    [True, False, False]
    """
    return "text/html" in (accepted or "")


def load_files(folder: Path = WEB) -> dict[str, Document]:
    """The files of a folder by the path at which they are served; no other file can be reached."""
    documents = {}
    for path in sorted(folder.rglob("*")):
        content_type = TYPES.get(path.suffix)
        if content_type is not None and path.is_file():
            name = f"/{path.relative_to(folder).as_posix()}"
            status = 404 if name == MISSING_PAGE else 200
            documents[PAGE_PATHS.get(name, name)] = Document(path.read_bytes(), content_type, status)
    return documents
