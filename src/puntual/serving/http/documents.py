"""Bytes that stay the same while the server runs: the files of the page, and what is told of the model."""

from __future__ import annotations

import hashlib
from pathlib import Path

from puntual.serving.http.messages import HeaderList, Request, Response

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
"""What is served of the page's folder; a file of another kind is not."""

PAGES = {"/index.html": "/", "/docs.html": "/docs"}
"""Files that have an address of their own."""

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

PAGE_HEADERS: HeaderList = [
    ("content-security-policy", CONTENT_POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
]


class Document:
    """A body with its digest, by which a browser that has it is spared it.

    Parameters
    ----------
    body : as it is sent
    content_type : of `TYPES`

    Examples
    --------
    >>> document = Document(b"{}", "application/json")
    >>> document.answer(Request("GET", "/", {}, b"")).status
    200
    >>> document.answer(Request("GET", "/", {"if-none-match": document.etag}, b"")).status
    304
    """

    def __init__(self, body: bytes, content_type: str) -> None:
        self.etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        self._body = body
        self._headers: HeaderList = [
            ("content-type", content_type),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-cache"),
            ("etag", self.etag),
            *(PAGE_HEADERS if content_type.startswith("text/html") else ()),
        ]

    def answer(self, request: Request) -> Response:
        """The body, or 304 where the client has it."""
        known = request.headers.get("if-none-match")
        if known is not None and (self.etag in known or known.strip() == "*"):
            return Response(304, self._headers, b"")
        return Response(200, self._headers, self._body)


def load_files(folder: Path = WEB) -> dict[str, Document]:
    """The files of a folder by the path that they are served at; nothing else of it can be reached."""
    documents = {}
    for path in sorted(folder.rglob("*")):
        content_type = TYPES.get(path.suffix)
        if content_type is not None and path.is_file():
            name = f"/{path.relative_to(folder).as_posix()}"
            documents[PAGES.get(name, name)] = Document(path.read_bytes(), content_type)
    return documents
