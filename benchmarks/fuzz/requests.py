"""Requests that are wrong in one place or in several: of the API's own description, and of raw bytes."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "get", "BREW")
TYPES = (
    *(
        "application/json",
        "application/json; charset=utf-8",
        "application/x-ndjson",
        "text/plain",
        "text/csv",
    ),
    *("", "application/xml", "multipart/form-data; boundary=x", "application/json;", "*/*"),
)
TEXTS = (
    *(
        "",
        " ",
        "\x00",
        "ñandú",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        "A" * 5_000,
    ),
    *(
        "LAN",
        "SCL",
        "SCEL",
        "ZZZZ",
        "'; DROP TABLE events; --",
        "<script>",
        "../../etc/passwd",
        "%00",
        "${x}",
    ),
    *("2017-07-14T18:35:00", "2017-07-14T18:35:00Z", "2017-02-30T00:00", "9999-12-31T23:59:59+14:00"),
    *("0001-01-01T00:00:00", "2017-07-14", "nan", "Infinity", "-1", "1e999"),
)
NUMBERS = (0, -1, 1, 2**31, 2**63, 2**64, -(2**70), 10**400, 0.1, 1e308, -0.0)
DEEP = 200
"""Levels of a list within lists."""


class Case(NamedTuple):
    """A request.

    Attributes
    ----------
    raw : as it is sent
    method : as it is meant; an answer to ``HEAD`` has no body
    path : of the route that it is meant for; empty: raw bytes, of which any answer is right that is HTTP
    streams : whether its answer may never end
    """

    raw: bytes
    method: str
    path: str
    streams: bool = False


class Drawer:
    """Draws requests.

    Parameters
    ----------
    description : of ``/openapi.json``
    tokens : of keys, right ones and wrong ones
    """

    def __init__(self, description: dict[str, Any], tokens: list[str], seed: int) -> None:
        self._random = random.Random(seed)
        self._tokens = tokens
        self._operations = [
            (path, method.upper(), operation)
            for path, methods in description["paths"].items()
            for method, operation in methods.items()
        ]

    def draw(self, raw_share: float) -> Iterator[Case]:
        """Requests without end; a share of them are raw bytes."""
        while True:
            case = self._structured()
            yield self._spoil(case) if self._random.random() < raw_share else case

    def _structured(self) -> Case:
        path, method, operation = self._random.choice(self._operations)
        target, sent_method = self._target(path, operation), method
        if self._random.random() < 0.05:
            sent_method = self._random.choice(METHODS)
        headers = {"host": "127.0.0.1", "content-type": "application/json"}
        bodies = operation.get("requestBody", {}).get("content", {})
        body = b""
        if bodies:
            kind = self._random.choice([*bodies])
            headers["content-type"] = kind
            body = self._body(bodies[kind])
        elif self._random.random() < 0.05:
            body = self._text().encode(errors="replace")
        self._change_headers(headers)
        if body or sent_method in ("POST", "PUT", "PATCH"):
            headers["content-length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        raw = f"{sent_method} {target} HTTP/1.1\r\n{head}\r\n".encode("latin-1", errors="replace") + body
        return Case(raw, sent_method, path, "stream" in path)

    def _target(self, path: str, operation: dict[str, Any]) -> str:
        target, query = path, []
        for parameter in operation.get("parameters", ()):
            value = self._value_of(parameter)
            if parameter["in"] == "path":
                target = target.replace("{" + parameter["name"] + "}", quote(value, safe="") or "x")
            elif self._random.random() < 0.5:
                query.append(f"{quote(parameter['name'])}={quote(value, safe='')}")
        if self._random.random() < 0.03:
            query.append(quote(self._text()[:200]))
        return target + ("?" + "&".join(query) if query else "")

    def _value_of(self, parameter: dict[str, Any]) -> str:
        schema = parameter.get("schema", {})
        given = [*schema.get("enum", ()), *schema.get("examples", ()), parameter.get("example")]
        right = [str(one) for one in given if one is not None]
        if right and self._random.random() < 0.7:
            return self._random.choice(right)
        return self._text()[:500]

    def _body(self, content: dict[str, Any]) -> bytes:
        examples = [one["value"] for one in content.get("examples", {}).values()]
        value = self._random.choice(examples) if examples else {"flights": []}
        if isinstance(value, str):
            return self._random.choice([value, self._text(), value * 3]).encode(errors="replace")
        for _ in range(self._random.choice([0, 1, 1, 1, 2, 5])):
            value = self._change(value)
        text = json.dumps(value, ensure_ascii=self._random.random() < 0.5)
        if self._random.random() < 0.05:
            place = self._random.randrange(len(text) + 1)
            text = text[:place] + self._random.choice(string.printable) + text[place + 1 :]
        return text.encode(errors="replace")

    def _change(self, value: Any) -> Any:
        """The value with something else in one place."""
        if self._random.random() < 0.25 or not isinstance(value, dict | list) or not value:
            return self._odd()
        if isinstance(value, list):
            place = self._random.randrange(len(value))
            if self._random.random() < 0.2:
                return value + value[:1] * self._random.choice([1, 60])
            return [*value[:place], self._change(value[place]), *value[place + 1 :]]
        name = self._random.choice([*value])
        chance = self._random.random()
        if chance < 0.15:
            return {key: one for key, one in value.items() if key != name}
        if chance < 0.3:
            return {**value, self._text()[:50]: self._odd()}
        return {**value, name: self._change(value[name])}

    def _odd(self) -> Any:
        deep: Any = []
        for _ in range(self._random.choice([0, 3, DEEP])):
            deep = [deep]
        kinds: tuple[Any, ...] = (
            None,
            True,
            deep,
            {},
            self._random.choice(NUMBERS),
            self._text(),
            self._text(),
        )
        return self._random.choice(kinds)

    def _text(self) -> str:
        if self._random.random() < 0.3:
            return "".join(self._random.choices(string.printable + "áéñ€", k=self._random.randrange(12)))
        return self._random.choice(TEXTS)

    def _change_headers(self, headers: dict[str, str]) -> None:
        if self._random.random() < 0.9:
            headers["authorization"] = f"Bearer {self._random.choice(self._tokens)}"
        odd = {
            "content-type": self._random.choice(TYPES),
            "host": self._random.choice(["localhost", "example.org", "", "127.0.0.1:1", "[::1]"]),
            "accept": self._random.choice(["text/html", "application/json", "*/*;q=0", ","]),
            "accept-encoding": self._random.choice(["gzip", "br", "identity;q=0", "gzip;q=nan"]),
            "if-none-match": self._random.choice(['"x"', "*", "W/", ","]),
            "origin": self._random.choice(["null", "https://example.org", "http://127.0.0.1"]),
            "sec-fetch-site": self._random.choice(["cross-site", "same-origin", "?"]),
            "range": "bytes=0-1,5-",
            "x-request-id": self._text()[:80].replace("\r", "").replace("\n", ""),
            "authorization": self._random.choice(["Basic eDp5", "Bearer", "Bearer " + "x" * 500, ""]),
            "expect": "100-continue",
        }
        headers |= {name: value for name, value in odd.items() if self._random.random() < 0.04}

    def _spoil(self, case: Case) -> Case:
        """The bytes with some of them changed; no answer but HTTP, or the end, is wrong."""
        raw = bytearray(case.raw[:4_000])
        for _ in range(self._random.choice([1, 2, 8])):
            place = self._random.randrange(len(raw) or 1)
            some = self._random.choice(
                [b"\r\n", b"\x00", b"\xff", b" ", b"\n", b"0\r\n\r\n", self._random.randbytes(3)]
            )
            match self._random.randrange(4):
                case 0:
                    raw[place:place] = some
                case 1:
                    del raw[place : place + self._random.choice([1, 10, 100])]
                case 2:
                    raw[place : place + 1] = some
                case _:
                    name = self._random.choice(
                        [b"transfer-encoding: chunked", b"content-length: 5", b"x: " + b"y" * 20_000]
                    )
                    end = raw.find(b"\r\n") + 2
                    raw[end:end] = name + b"\r\n"
        return Case(bytes(raw), case.method, "")
