"""Quotas of requests and flights, for each key and each address.

References
----------
draft-ietf-httpapi-ratelimit-headers-11 (May 2026), RateLimit header fields for HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from puntual.serving.access.addresses import client_address
from puntual.serving.http.messages import HeaderList, Headers, Request
from puntual.serving.http.problems import RefusedError
from puntual.serving.ops.token_buckets import TokenBuckets
from puntual.serving.settings import Settings

WINDOW_SECONDS = 60
"""A full bucket holds what a minute gives."""

_SECOND = 10**9
_WINDOW = WINDOW_SECONDS * _SECOND
_HALF = _WINDOW // 2
_EVER = 2**62
_LATER = "the same request after the seconds of retry-after"


class Quota:
    """So many requests or flights a minute, of a key or an address; 0: as many as they like.

    Attributes
    ----------
    each : nanoseconds in which one is given; 0: there is no limit
    stated : how the field of a response begins, up to what is left
    """

    __slots__ = ("each", "name", "policy", "stated")

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self.each = _WINDOW // limit if limit else 0
        self.policy = f'"{name}";q={limit};w={WINDOW_SECONDS}'
        self.stated = f'"{name}";r='


class Quotas:
    """What is left for whom; a limit of 0 is none.

    A request is refused if it would go beyond the limit. Flights are counted once they are answered, so a
    request may go beyond their limit, and the next ones wait the longer: a request that is larger than the
    limit is answered, and the rate holds.

    Parameters
    ----------
    clock : nanoseconds; the same in all workers
    """

    def __init__(
        self, settings: Settings, buckets: TokenBuckets, clock: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._buckets, self.clock, self._proxies = buckets, clock, settings.proxies
        of_key = (
            Quota("key-requests", settings.requests_per_key),
            Quota("key-flights", settings.flights_per_key),
        )
        of_address = (
            Quota("address-requests", settings.requests_per_address),
            Quota("address-flights", settings.flights_per_address),
        )
        self._of_key = of_key if any(quota.each for quota in of_key) else None
        self._of_address = of_address if any(quota.each for quota in of_address) else None
        policy = ", ".join(quota.policy for quota in (*of_key, *of_address) if quota.each)
        self._policy = ("ratelimit-policy", policy)
        self.active = bool(policy)
        self.counts_flights = bool(of_key[1].each or of_address[1].each)

    def admit(
        self, caller: str, headers: Headers, client: str, *, predicts: bool, fields: HeaderList
    ) -> None:
        """Take a request from every quota that it counts for, and say what is left if that is little.

        Parameters
        ----------
        caller : id of its key; empty: it has none
        predicts : whether it asks about flights
        fields : of the response; those of the quotas are added

        Raises
        ------
        RefusedError : ``quota``
        """
        now, left = self.clock(), ""
        if self._of_key is not None and caller:
            left = self._take(self._of_key, caller, now, predicts)
        if self._of_address is not None:
            address = client_address(client, headers, self._proxies)
            more = self._take(self._of_address, address, now, predicts)
            left = f"{left}, {more}" if left and more else left or more
        if left:
            fields += (self._policy, ("ratelimit", left))

    def charge(self, request: Request, flights: int) -> RefusedError | None:
        """Count flights that were answered; give why no more of them are answered now, if none are."""
        now, over = self.clock(), 0
        if self._of_key is not None and request.caller:
            over = self._charge(self._of_key[1], request.caller, flights, now) - _WINDOW
        if self._of_address is not None:
            address = client_address(request.client, request.headers, self._proxies)
            over = max(over, self._charge(self._of_address[1], address, flights, now) - _WINDOW)
        return self._refusal("flights", over) if over > 0 else None

    def _charge(self, quota: Quota, who: str, flights: int, now: int) -> int:
        """The nanoseconds until the next flight may be asked about, and a window."""
        if not quota.each:
            return 0
        return self._buckets.take(hash((quota.name, who)), flights * quota.each, now, _EVER) + quota.each

    def _take(self, quotas: tuple[Quota, Quota], who: str, now: int, predicts: bool) -> str:
        """What is left, as the field says it; empty as long as that is more than half.

        To write the field takes longer than to count, and a client with much left needs none.
        """
        requests, flights = quotas
        left = ""
        if each := flights.each:
            spent = self._buckets.take(hash((flights.name, who)), each, now, -1) if predicts else 0
            if spent > _WINDOW:
                raise self._refusal(flights.name, spent - _WINDOW)
            if spent > _HALF:
                left = f"{flights.stated}{(_WINDOW - spent) // each + 1};t={spent // _SECOND + 1}"
        if each := requests.each:
            spent = self._buckets.take(hash((requests.name, who)), each, now, _WINDOW)
            if spent > _WINDOW:
                raise self._refusal(requests.name, spent - _WINDOW)
            if spent <= _HALF:
                return left
            state = f"{requests.stated}{(_WINDOW - spent) // each};t={spent // _SECOND + 1}"
            left = f"{left}, {state}" if left else state
        return left

    def _refusal(self, name: str, nanoseconds: int) -> RefusedError:
        seconds = max(-(-nanoseconds // _SECOND), 1)
        fields = (("retry-after", str(seconds)), self._policy, ("ratelimit", f'"{name}";r=0;t={seconds}'))
        found = f"the quota {name} is used up"
        return RefusedError("quota", found, found=found, allowed=_LATER, headers=fields)
