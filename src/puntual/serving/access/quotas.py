"""Quotas of requests and flights, for each key and each address.

References
----------
draft-ietf-httpapi-ratelimit-headers-11 (May 2026), RateLimit header fields for HTTP.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from puntual.serving.access.addresses import client_address
from puntual.serving.http.messages import HeaderList, Headers, Request
from puntual.serving.http.problems import RefusedError
from puntual.serving.ops.token_buckets import TokenBuckets
from puntual.serving.settings import Settings

WINDOW_SECONDS = 60
"""A full bucket holds what a minute gives."""

_WINDOW = WINDOW_SECONDS * 10**9
_LATER = "the same request after the seconds of retry-after"


class Quota(NamedTuple):
    """So many requests or flights a minute, of a key or an address."""

    name: str
    limit: int

    @property
    def each(self) -> int:
        """Nanoseconds in which one is given."""
        return _WINDOW // self.limit


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
        self._of_key = _quotas(key_requests=settings.requests_per_key, key_flights=settings.flights_per_key)
        self._of_address = _quotas(
            address_requests=settings.requests_per_address, address_flights=settings.flights_per_address
        )
        stated = [quota for quota in (*self._of_key, *self._of_address) if quota.limit]
        policy = ", ".join(f'"{quota.name}";q={quota.limit};w={WINDOW_SECONDS}' for quota in stated)
        self._policy = ("ratelimit-policy", policy)
        self.active = bool(stated)
        self.counts_flights = bool(self._of_key[1].limit or self._of_address[1].limit)

    def admit(
        self, caller: str, headers: Headers, client: str, *, predicts: bool, fields: HeaderList
    ) -> None:
        """Take a request from every quota that it counts for, and say what is left.

        Parameters
        ----------
        caller : id of its key; empty: it has none
        predicts : whether it asks about flights
        fields : of the response; those of the quotas are added

        Raises
        ------
        RefusedError : ``quota``
        """
        now, states, refused, wait = self.clock(), [], "", 0
        taken = []
        for (requests, flights), who in self._owners(caller, headers, client):
            if requests.limit:
                place, each = self._buckets.place(hash((requests.name, who)), now), requests.each
                after = self._buckets.spent(place, now) + each
                if after > _WINDOW:
                    refused, wait = requests.name, max(wait, after - _WINDOW)
                else:
                    taken.append((place, each))
                states.append((requests, after, each))
            if flights.limit and predicts:
                place, each = self._buckets.place(hash((flights.name, who)), now), flights.each
                spent = self._buckets.spent(place, now)
                if spent + each > _WINDOW:
                    refused, wait = flights.name, max(wait, spent + each - _WINDOW)
                states.append((flights, spent, each))
        if refused:
            self._refuse(refused, wait)
        for place, each in taken:
            self._buckets.spend(place, each, now)
        left = ", ".join(
            f'"{quota.name}";r={max(_WINDOW - spent, 0) // each};t={-(-spent // 10**9)}'
            for quota, spent, each in states
        )
        if left:
            fields += (self._policy, ("ratelimit", left))

    def charge(self, request: Request, flights: int) -> None:
        """Count flights that were answered.

        Raises
        ------
        RefusedError : ``quota``: none is left for more of them; those are counted all the same
        """
        now, refused, wait = self.clock(), "", 0
        for (_, quota), who in self._owners(request.caller, request.headers, request.client):
            if quota.limit:
                place = self._buckets.place(hash((quota.name, who)), now)
                spent = self._buckets.spend(place, flights * quota.each, now)
                if spent + quota.each > _WINDOW:
                    refused, wait = quota.name, max(wait, spent + quota.each - _WINDOW)
        if refused:
            self._refuse(refused, wait)

    def _owners(self, caller: str, headers: Headers, client: str) -> list[tuple[tuple[Quota, Quota], str]]:
        owners = []
        if caller and (self._of_key[0].limit or self._of_key[1].limit):
            owners.append((self._of_key, caller))
        if self._of_address[0].limit or self._of_address[1].limit:
            owners.append((self._of_address, client_address(client, headers, self._proxies)))
        return owners

    def _refuse(self, name: str, nanoseconds: int) -> None:
        seconds = max(-(-nanoseconds // 10**9), 1)
        fields = (("retry-after", str(seconds)), self._policy, ("ratelimit", f'"{name}";r=0;t={seconds}'))
        found = f"the quota {name} is used up"
        raise RefusedError("quota", found, found=found, allowed=_LATER, headers=fields)


def _quotas(**limits: int) -> tuple[Quota, Quota]:
    requests, flights = (Quota(name.replace("_", "-"), limit) for name, limit in limits.items())
    return requests, flights
