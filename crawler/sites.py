"""Which site a URL belongs to: registered domains, and hosts with their port where there is no registered domain.

The public suffix list is the one that comes with tldextract, its private section included (so that two blogs on
blogspot.com are two sites). It is never fetched and nothing is cached on disk.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract

# Hosts that carry the feeds and files of unrelated publishers: serving a feed does not make them a part of a source.
SHARED_HOSTS = frozenset({
    "feedburner.com", "feedproxy.google.com", "news.google.com", "feedblitz.com", "feedpress.me", "feedpress.com",
    "follow.it", "rss.app", "feed43.com", "fetchrss.com", "feedspot.com", "uecdn.es",
})  # fmt: skip
DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=1)
def _extractor() -> TLDExtract:
    from tldextract import TLDExtract  # imports requests: a fifth of a second that most commands never need

    return TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


def ascii_host(host: str) -> str:
    """Give a host as it is compared: lower case, international names in their ASCII form (RFC 5891), no final dot."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address, with or without the brackets of IPv6."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=8192)
def registered_domain(host: str) -> str:
    """Give the registered domain of a host; "" for an address, for localhost, for a bare word and for `host:port`.

    A name under no known suffix counts as registered under its last label, as publicsuffix.org/list says.
    """
    host = ascii_host(host)
    labels = host.split(".")
    if is_address(host) or ":" in host or len(labels) == 1 or labels[-1] == "localhost":
        return ""
    found = _extractor()(host)
    if not found.suffix:
        return ".".join(labels[-2:])
    return found.top_domain_under_public_suffix or host


def site_of(url: str) -> str:
    """Give the site of a URL: `lemonde.fr`, or `127.0.0.1:8080` for a host that nobody can register; "" for neither."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host = ascii_host(parts.hostname or "")
    if not host or parts.scheme.lower() not in DEFAULT_PORTS:
        return ""
    return registered_domain(host) or with_port(host, port or DEFAULT_PORTS[parts.scheme.lower()])


def with_port(host: str, port: int) -> str:
    """Join host and port, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def host_of(url: str) -> str:
    """Give the host of a URL as it is compared; "" when there is none."""
    try:
        return ascii_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def is_shared(url: str) -> bool:
    """Tell whether a URL is served by a feed proxy or by a file host of many publishers."""
    return within(host_of(url), SHARED_HOSTS)


def within(host: str, sites: Iterable[str]) -> bool:
    """Tell whether a host is one of the sites or lies under one of them."""
    return any(host == site or host.endswith("." + site) for site in sites)


def belongs(url: str, sites: frozenset[str]) -> bool:
    """Tell whether a URL belongs to one of the sites, given as registered domains, hosts, or `host:port`."""
    site = site_of(url)
    return bool(site) and (site in sites or within(host_of(url), sites))
