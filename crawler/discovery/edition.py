"""An edition: which addresses of a site are a source's own, where several languages or regions share the domain.

What the articles on the home page have in common tells: their hosts, and the folder that all of them lie in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from crawler.sites import belongs, host_of, site_of

LEAST = 4  # articles on the home page that say something
INSIDE = 0.8  # of them lie in a folder that is the edition's


class Edition:
    """The sites of a source, and its part of them."""

    def __init__(self, home: str = "", articles: Collection[str] = ()) -> None:
        """`articles`: addresses of the articles that the home page links to."""
        self._home = frozenset({site_of(home)}) if home else frozenset[str]()
        self.further: frozenset[str] = frozenset()  # sites that its feeds lead to
        self._hosts: frozenset[str] = frozenset()  # empty: not known
        self._folder = ""
        if len(articles) >= LEAST:
            self._hosts = frozenset(map(_host, (home, *articles)))
            folder = urlsplit(home).path.rpartition("/")[0] + "/"
            if sum(urlsplit(url).path.startswith(folder) for url in articles) >= INSIDE * len(articles):
                self._folder = folder

    @property
    def sites(self) -> frozenset[str]:
        """Registered domains, or hosts with their port."""
        return self._home | self.further

    def owns(self, url: str) -> bool:
        """Tell whether an address is on the sites of the source."""
        return belongs(url, self.sites)

    def has(self, url: str) -> bool:
        """Tell whether an address is where the articles of the home page are."""
        there = not self._hosts or _host(url) in self._hosts
        return there and urlsplit(url).path.startswith(self._folder) and self.owns(url)

    def widen(self, site: str, urls: Iterable[str]) -> None:
        """Take in another site with these addresses."""
        self.further |= {site}
        if self._hosts:
            self._hosts |= set(map(_host, urls))
            self._folder = ""


def _host(url: str) -> str:
    return host_of(url).removeprefix("www.")
