"""From where a request comes."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network, ip_address

from puntual.serving.http.messages import Headers


def client_address(client: str, headers: Headers, proxies: int = 0) -> str:
    """The address that a request comes from; of IPv6, the network of 64 bits that one customer has.

    Parameters
    ----------
    client : address and port of the connection
    proxies : how many proxies in front are believed; each adds to ``x-forwarded-for`` whom it heard

    Examples
    --------
    >>> client_address("192.0.2.1:5000", {}), client_address("[2001:db8::1:2]:5000", {})
    ('192.0.2.1', '2001:db8::/64')
    >>> client_address("10.0.0.1:80", {"x-forwarded-for": "6.6.6.6, 192.0.2.1, 10.0.0.9"}, proxies=2)
    '192.0.2.1'
    """
    host = client.rpartition(":")[0]
    if proxies:
        heard = (headers.get("x-forwarded-for") or "").split(",")
        host = heard[-proxies].strip() if len(heard) >= proxies else host
    if ":" not in host:
        return host
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), 64), strict=False))
