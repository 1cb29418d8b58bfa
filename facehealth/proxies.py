"""Who asks: what a proxy says about that is trusted only if the proxy is ours (TRUSTED_PROXIES)."""

from collections.abc import Callable
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest, HttpResponse

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")


class ProxyMiddleware:
    """Takes the reader's address from a trusted proxy, and removes what clients claim about themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_trusted(request.META.get("REMOTE_ADDR", "")):
            request.META["REMOTE_ADDR"] = address_of_reader(request.META)
        else:
            for name in FORWARDED:
                request.META.pop(name, None)
        return self.get_response(request)


def network_of(request: HttpRequest) -> str:
    """The reader's address; of IPv6 its /64 network, as anyone has a whole one. Empty if it is not known."""
    address: str = request.META.get("REMOTE_ADDR", "")
    if not is_address(address):
        return ""
    known = ip_address(address)
    if isinstance(known, IPv4Address):
        return address
    network = IPv6Network((int(known), 64), strict=False)
    return str(known.ipv4_mapped or network.network_address)


def client_address(request: HttpRequest) -> str | None:
    """What django-axes counts attempts by; None if the server did not say."""
    return network_of(request) or None


def address_of_reader(meta: dict[str, str]) -> str:
    """The last address in X-Forwarded-For that is not our proxy: anyone may have written what is before it."""
    address = meta["REMOTE_ADDR"]
    for said in reversed(meta.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not is_address(said.strip()):
            break
        address = said.strip()
        if not is_trusted(address):
            break
    return address


def is_trusted(address: str) -> bool:
    """Whether an address is one of TRUSTED_PROXIES; False for what is not an address."""
    if not is_address(address):
        return False
    asked = ip_address(address)
    return any(asked in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


def is_address(text: str) -> bool:
    """Whether the text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


@cache
def _networks(texts: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(text) for text in texts]
