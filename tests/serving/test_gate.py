"""Hosts, origins and quotas: by what name, from which page and how often a server is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from puntual.serving.access.quotas import WINDOW_SECONDS
from puntual.serving.http.messages import NDJSON, Response
from puntual.serving.ops.token_buckets import TokenBuckets
from puntual.serving.routes import ROUTES
from tests.serving.conftest import FLIGHT, PREDICTIONS, Asker, problem, serving

BODY = msgspec.json.encode({"flights": [FLIGHT]})
JSON = {"content-type": "application/json"}
SECOND = 10**9


@pytest.mark.parametrize(
    ("settings", "host", "status"),
    [
        ({}, "127.0.0.1:8000", 200),
        ({}, "LOCALHOST", 200),
        ({}, "[::1]:8000", 200),
        ({}, "puntual.localhost:8000", 200),
        ({}, "evil.example:8000", 421),
        ({}, "127.0.0.1.evil.example", 421),
        ({}, "", 421),
        ({}, "[", 421),
        ({}, "evil.example@localhost", 421),
        ({}, "localhost/evil.example", 421),
        ({}, "localhost:evil.example", 421),
        ({"host": "0.0.0.0"}, "evil.example", 200),
        ({"host": "0.0.0.0", "hosts": "flights.example, Other.example"}, "other.example:443", 200),
        ({"host": "0.0.0.0", "hosts": "flights.example"}, "127.0.0.1", 421),
        ({"hosts": "*"}, "evil.example", 200),
    ],
)
def test_only_a_servers_own_names_are_answered(
    asker: Callable[..., Asker], settings: Mapping[str, Any], host: str, status: int
) -> None:
    ask = asker(**settings)
    for _ in range(2):
        for path in ("/", "/v1/model", "/metrics"):
            response = ask("GET", path, b"", {"host": host})
            assert response.status == status
            if status == 421:
                problem(response, "misdirected")
        assert ask("GET", "/healthz", b"", {"host": host}).status == 200


OWN = {"host": "127.0.0.1:8000"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://127.0.0.1:8000"}, 200),
        ({"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "https://evil.example", "content-type": "text/plain"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": "http://127.0.0.1:9000"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-site"}, 403),
    ],
)
def test_pages_of_other_sites_cannot_drive_a_server(ask: Asker, headers: dict[str, str], status: int) -> None:
    response = ask("POST", PREDICTIONS, BODY, JSON | OWN | headers)
    assert response.status == status
    if status == 403:
        problem(response, "forbidden")
        assert not any(name.startswith("access-control") for name, _ in response.headers)
    assert ask("GET", "/metrics", b"", OWN | headers).status == status
    assert ask("GET", "/v1/model", b"", OWN | headers).status == 200, "a link may lead there"


def test_origins_that_are_set_may_ask(asker: Callable[..., Asker]) -> None:
    ask = asker(cors_origins="https://board.example")
    foreign = OWN | {"origin": "https://board.example", "sec-fetch-site": "cross-site"}
    before = dict(ask("OPTIONS", PREDICTIONS, b"", foreign).headers)
    assert before["access-control-allow-origin"] == "https://board.example"
    assert before["access-control-allow-methods"] == "POST, OPTIONS"
    assert "authorization" in before["access-control-allow-headers"]
    answered = ask("POST", PREDICTIONS, BODY, JSON | foreign)
    assert answered.status == 200
    assert dict(answered.headers)["access-control-allow-origin"] == "https://board.example"
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        problem(ask("POST", PREDICTIONS, BODY, foreign | {"content-type": kind}), "media-type")
    problem(ask("POST", PREDICTIONS, BODY, JSON | foreign | {"origin": "https://evil.example"}), "forbidden")
    refused = ask("OPTIONS", PREDICTIONS, b"", OWN | {"origin": "https://evil.example"})
    assert "access-control-allow-origin" not in dict(refused.headers)


def test_every_answer_guards_itself(ask: Asker) -> None:
    paths = [route.path.format(origin="SCEL", date="2017-07-14") for route in ROUTES]
    for path in (*paths, "/", "/docs", "/nowhere"):
        headers = dict(ask("GET", path).headers)
        assert headers["cross-origin-resource-policy"] == "same-origin", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["cache-control"] in {"no-store", "no-cache"}, path
    assert "camera=()" in dict(ask("GET", "/").headers)["permissions-policy"]


def test_a_proxy_that_speaks_tls_makes_browsers_stay_with_it(asker: Callable[..., Asker]) -> None:
    told = asker(proxies=1)("GET", "/v1/model", b"", {"x-forwarded-proto": "https"})
    assert "strict-transport-security" in dict(told.headers)
    untold = asker()("GET", "/v1/model", b"", {"x-forwarded-proto": "https"})
    assert "strict-transport-security" not in dict(untold.headers)


class Limited:
    """An application whose quotas have a clock of their own."""

    def __init__(self, ask: Asker) -> None:
        self._ask, self.now = ask, 10**15
        ask.service.gate.quotas.clock = lambda: self.now

    def __call__(self, flights: int = 1, client: str = "10.0.0.1:5000", **headers: str) -> Response:
        import asyncio

        from tests.serving.conftest import Sent

        body = msgspec.json.encode({"flights": [FLIGHT] * flights})
        given = {**JSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if given["content-type"] == NDJSON:
            body = msgspec.json.encode(FLIGHT) + b"\n"
            body *= flights

        async def respond() -> Response:
            response = await self._ask.application.respond(
                "POST", PREDICTIONS, given, Sent(body), client=client
            )
            if response.chunks is None:
                return response
            parts = [part async for part in response.chunks]
            return Response(response.status, response.headers, b"".join(parts))

        return asyncio.run(respond())


def test_a_quota_of_requests_is_given_evenly(asker: Callable[..., Asker]) -> None:
    ask = Limited(asker(requests_per_address=3))
    assert "ratelimit" not in dict(ask().headers), "more than half is left"
    for left in (1, 0):
        fields = dict(ask().headers)
        assert fields["ratelimit-policy"] == f'"address-requests";q=3;w={WINDOW_SECONDS}'
        assert fields["ratelimit"].startswith(f'"address-requests";r={left};t=')
    refused = ask()
    problem(refused, "quota")
    fields = dict(refused.headers)
    assert (fields["retry-after"], fields["ratelimit"]) == ("20", '"address-requests";r=0;t=20')
    assert ask(client="10.0.0.2:5000").status == 200, "another address"
    ask.now += 19 * SECOND
    assert ask().status == 429
    ask.now += SECOND
    assert [ask().status for _ in range(2)] == [200, 429], "as retry-after said"


def test_flights_are_counted_and_a_large_request_is_answered(asker: Callable[..., Asker]) -> None:
    ask = Limited(asker(flights_per_address=60))
    assert ask(flights=120).status == 200
    refused = ask()
    problem(refused, "quota")
    assert dict(refused.headers)["retry-after"] == "61", "a minute of debt, and the second of one flight"
    ask.now += 61 * SECOND
    assert ask().status == 200


def test_a_stream_ends_where_its_quota_does(asker: Callable[..., Asker]) -> None:
    ask = Limited(asker(flights_per_address=60))
    *answered, last = ask(flights=2000, content_type=NDJSON).body.splitlines()
    assert 60 <= len(answered) < 2000
    assert msgspec.json.decode(last)["type"] == "/docs#quota"
    assert ask().status == 429


@pytest.mark.parametrize("forwarded", ["1.1.1.1, 10.0.0.9", "2.2.2.2, 10.0.0.9"])
def test_what_proxies_say_counts_where_they_are_believed(asker: Callable[..., Asker], forwarded: str) -> None:
    believing, other = (Limited(asker(requests_per_address=1, proxies=proxies)) for proxies in (1, 0))
    for ask, statuses in ((believing, [200, 429]), (other, [200, 200])):
        clients = ("10.0.0.1:1", "10.0.0.2:1")
        found = [ask(client=client, x_forwarded_for=forwarded).status for client in clients]
        assert found == statuses


def test_a_bucket_that_is_in_use_keeps_its_place() -> None:
    buckets, now, window = TokenBuckets(slots=64), 10**15, 60 * SECOND

    def take(name: str, cost: int) -> int:
        return buckets.take(hash(name), cost, now, window)

    clients = [f"client {number}" for number in range(20)]
    for client in clients:
        take(client, 30 * SECOND)
    for number in range(20):
        take(f"passer-by {number}", 0)
    assert [take(client, 0) for client in clients] == [30 * SECOND] * 20


def test_workers_share_quotas_and_the_server_has_no_name(model: Path) -> None:
    with serving(model, workers=2, requests_per_address=2) as served:
        statuses = []
        for _ in range(12):
            answered = httpx.get(f"{served.url}/v1/airlines")
            statuses.append(answered.status_code)
            assert answered.headers["server"] == ""
        assert 1 <= statuses.count(200) <= 4, "two, one of which this had, and one more every 30 seconds"
        assert set(statuses) == {200, 429}
        assert httpx.get(f"{served.url}/healthz").status_code == 200
        evil = httpx.get(f"{served.url}/v1/model", headers={"host": "evil.example"})
        assert evil.status_code == 421
