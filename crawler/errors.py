"""Errors of the crawler; all derive from `CrawlerError`."""

from __future__ import annotations


class CrawlerError(Exception):
    """Root of everything that the crawler raises on purpose."""


class CatalogError(CrawlerError):
    """A source file cannot be used; the message names file and field."""


class SettingError(CrawlerError):
    """A setting has a value that cannot be used; the message names it."""


class FeedError(CrawlerError):
    """Bytes that should be a feed, a sitemap or a section page cannot be read as one."""


class ForbiddenAddress(CrawlerError):
    """A URL leads to an address, a port or a scheme that the net guard refuses."""


class ForbiddenPort(ForbiddenAddress):
    """A URL leads to a port that no source file names for its site, and nothing else speaks against it."""


class BadCertificate(CrawlerError):
    """The certificate of a server is not one that can be trusted: expired, self-signed, or another host's."""


class BadAnswer(CrawlerError):
    """What a server sent is no HTTP, or broke off; the message says where."""


class NoAnswer(BadAnswer):
    """A server took a request, or just the connection, and hung up."""


class HostsLost(CrawlerError):
    """This process does not know any more that it alone may ask a host: another one may be at it."""
