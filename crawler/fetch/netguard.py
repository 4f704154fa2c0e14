"""Where requests may go: http and https, the usual ports, public addresses.

Another port is open on the sites for which a source file names it, and nowhere else: a newspaper on port 8443 is no
reason to knock on that port of every host that somebody links to.

Names are checked at the moment of connecting, after they were resolved, so that a name cannot first resolve to a public
and then to a private address. The resolver is asked for literals in any spelling as well (`127.1`, `0x7f000001`), and for
every hop. A proxy that the operator configured is trusted and resolves names itself.
"""

from __future__ import annotations

import re
import socket
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Self
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from scrapy.crawler import Crawler
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from archive.rows import Outcome
from crawler.errors import ForbiddenAddress, ForbiddenPort
from crawler.sites import ascii_host, registered_domain

Network = IPv4Network | IPv6Network
USUAL_PORTS = frozenset({80, 443})
SCHEMES = {"http": 80, "https": 443}
GLOBAL_UNICAST = IPv6Network("2000::/3")  # all of IPv6 that is handed out; www.iana.org/assignments/ipv6-address-space
NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address as seen from a network without IPv4 (RFC 6052)
LOCALHOST = (IPv4Address("127.0.0.1"), IPv6Address("::1"))  # always (RFC 6761, section 6.3)
REFUSALS_KEPT = 1000  # names; only those of crawls that are under way are ever asked for
_NUMERIC_HOST = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)


def parse_networks(text: str) -> tuple[Network, ...]:
    """Read NET_ALLOW: networks in CIDR notation separated by commas or spaces. Raises ValueError."""
    return tuple(ip_network(part, strict=False) for part in re.split(r"[,\s]+", text.strip()) if part)


class NetGuard:
    """Decides whether a URL and an address may be connected to."""

    def __init__(self, allow: Sequence[Network] = (), endpoints: Iterable[str] = ()) -> None:
        """`endpoints`: URLs, or `host:port`, of the catalogue; their ports are open on their sites."""
        self._allow = tuple(allow)
        self.ports = frozenset(_ports(endpoints))  # (site, port)
        self.trusted = frozenset(_proxies())  # (name, port)
        self.refused: dict[str, str] = {}  # name -> address, for the detail of an outcome

    def check_url(self, url: str) -> None:
        """Raise ForbiddenAddress for a URL that must not be asked for, whatever its name resolves to.

        ForbiddenPort comes last: it is raised when nothing else speaks against the URL.
        """
        try:
            parts = urlsplit(url)
            port = SCHEMES.get(parts.scheme, 0) if parts.port is None else parts.port
        except ValueError as error:
            raise ForbiddenAddress(f"{url}: {error}") from error
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ForbiddenAddress(f"{url}: only http and https are fetched")
        if parts.username is not None or parts.password is not None:
            raise ForbiddenAddress(f"{url}: a URL with a user name in it")
        if (parts.hostname, port) in self.trusted:
            raise ForbiddenAddress(f"{url}: the proxy is no site")
        literals = _literals(parts.hostname)
        if literals and not any(map(self.allows, literals)):
            raise ForbiddenAddress(f"{url}: {literals[0]} is not a public address (NET_ALLOW)")
        if port not in USUAL_PORTS and (_site(parts.hostname), port) not in self.ports:
            raise ForbiddenPort(f"{url}: no source file names port {port} of this site")

    def refusal(self, url: str, owned: bool) -> tuple[Outcome, str] | None:
        """Why a URL that was offered or redirected to is not asked for; None when it is. `owned`: by the source.

        What is dangerous is named first, then whose it is; the port matters only on the source's own sites.
        """
        try:
            self.check_url(url)
        except ForbiddenPort as error:
            return (Outcome.BLOCKED_NETWORK, str(error)) if owned else (Outcome.OFFSITE, "")
        except ForbiddenAddress as error:
            return Outcome.BLOCKED_NETWORK, str(error)
        return None if owned else (Outcome.OFFSITE, "")

    def allows(self, address: IPv4Address | IPv6Address) -> bool:
        """Tell whether an address is public or named by NET_ALLOW."""
        if any(address in network for network in self._allow if network.version == address.version):
            return True
        if isinstance(address, IPv6Address):
            inner = address.ipv4_mapped or address.sixtofour
            if inner is None and address in NAT64:
                inner = IPv4Address(int(address) & 0xFFFF_FFFF)
            if inner is not None:
                return self.allows(inner)
            if address not in GLOBAL_UNICAST:
                return False
        return address.is_global and not address.is_multicast and not address.is_reserved

    def allows_host(self, host: str) -> bool:
        """Tell whether an address may be connected to, as a resolver gives it: with a zone, perhaps."""
        try:
            return self.allows(ip_address(host.partition("%")[0]))
        except ValueError:
            return False

    def note(self, name: str, refused: str) -> None:
        """Remember the address for which a name was refused; "" when it may be connected to after all."""
        self.refused.pop(name, None)
        if refused:
            self.refused[name] = refused
            while len(self.refused) > REFUSALS_KEPT:
                del self.refused[next(iter(self.refused))]


def _literals(host: str) -> tuple[IPv4Address | IPv6Address, ...]:
    """The addresses that a host stands for without any resolver; none for a name."""
    if ascii_host(host).rpartition(".")[2] == "localhost":
        return LOCALHOST
    literal = literal_address(host)
    return () if literal is None else (literal,)


def _site(host: str) -> str:
    """The unit for which a port is open: a registered domain, or an address in its usual spelling."""
    literal = literal_address(host)
    return str(literal) if literal is not None else registered_domain(host) or ascii_host(host)


def _ports(endpoints: Iterable[str]) -> Iterator[tuple[str, int]]:
    for endpoint in endpoints:
        try:
            parts = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}")
            host, port = parts.hostname, parts.port
        except ValueError:
            continue  # an IPv6 address alone, which names no port
        if host and port and port not in USUAL_PORTS:
            yield _site(host), port


def _proxies() -> Iterator[tuple[str, int]]:
    """Name and port of each proxy that the operator configured (http_proxy, https_proxy)."""
    for kind, proxy in getproxies().items():
        if kind == "no":
            continue
        try:
            parts = urlsplit(proxy if "//" in proxy else f"//{proxy}")
            port = parts.port or SCHEMES.get(parts.scheme or kind, 80)
        except ValueError:
            continue  # Scrapy does not use such a proxy either
        if parts.hostname:
            yield parts.hostname, port


@lru_cache(maxsize=1024)
def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host spells, in any form that a socket accepts (`127.1`, `0x7f.1`, `2130706433`), or None."""
    # what IDNA makes of other digits and dots (RFC 3490, section 3.1), since it is done before a name is looked up
    host = unicodedata.normalize("NFKC", unquote(host)).replace("\u3002", ".").strip("[]").rstrip(".")
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if not _NUMERIC_HOST.fullmatch(host):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


@implementer(IResolutionReceiver)
class _Filter:
    """Passes on only the addresses that the guard allows."""

    def __init__(self, receiver: Any, name: str, port: int, guard: NetGuard) -> None:
        self._receiver, self._name, self._guard = receiver, name, guard
        self._trusted = (name.lower(), port) in guard.trusted
        self._passed = False
        self._refused = ""

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:
        host = getattr(address, "host", "")
        if self._trusted or self._guard.allows_host(host):
            self._passed = True
            self._receiver.addressResolved(address)
        else:
            self._refused = self._refused or host

    def resolutionComplete(self) -> None:
        self._guard.note(self._name, "" if self._passed else self._refused)
        self._receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver:
    """The reactor's resolver behind the guard. Without a cache: the system's own knows how long a name is valid."""

    guard: NetGuard = NetGuard()  # replaced by the runtime; refuses everything private until then

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        inner: Any = reactor.nameResolver
        self._inner: Any = inner._inner if isinstance(inner, GuardedResolver) else inner

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:
        """Scrapy's way to make a resolver."""
        return cls(reactor)

    def install_on_reactor(self) -> None:
        """Take the place of the reactor's resolver; needed by hand where Scrapy's process classes are not used."""
        self.reactor.installNameResolver(self)

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Any = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        """See twisted.internet.interfaces.IHostnameResolver."""
        receiver = _Filter(resolutionReceiver, hostName, portNumber, type(self).guard)
        return self._inner.resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)
