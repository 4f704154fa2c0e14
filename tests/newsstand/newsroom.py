"""The newsroom: all sites on their ports, what they publish, and how that changes from one day to the next."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

from tests.newsstand import bulk as bulk_site
from tests.newsstand import catalog
from tests.newsstand.content import load_sites
from tests.newsstand.listings import offers, special_url
from tests.newsstand.model import Article, Request, Resource, SiteSpec
from tests.newsstand.server import Handler, SiteServer
from tests.newsstand.site import Site


@dataclass(frozen=True, slots=True)
class Changes:
    """What a change of the newsroom did: the articles as they are afterwards."""

    edited: tuple[Article, ...] = ()
    withdrawn: tuple[Article, ...] = ()
    published: tuple[Article, ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What the newsroom knows of an article, to hold an archive against."""

    source: str  # slug
    url: str  # canonical
    aliases: tuple[str, ...]
    title: str
    paragraphs: tuple[str, ...]
    published_at: str  # YYYY-MM-DDTHH:MM:SSZ
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    agency: str
    language: str
    section: str
    outcome: str  # of its canonical URL on a first crawl: stored or skipped_old
    wire: str  # articles with the same value are one agency report
    withdrawn: bool
    version: int

    @property
    def text(self) -> str:
        """The body, one paragraph a line."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class SpecialUrl:
    """A URL that is offered and is no plain article, with the outcome that a first crawl should record."""

    source: str
    url: str
    outcome: str
    note: str
    target: str  # where it leads, or ""
    offered_in: tuple[str, ...]  # URLs of listings


class Newsstand:
    """A context manager: inside it every site answers on its port of 127.0.0.1."""

    def __init__(
        self,
        bulk: int = 0,
        house: int = 0,
        log: Path | str | None = None,
        *,
        port: int = 0,
        now: datetime | None = None,
        only: tuple[str, ...] = (),
    ) -> None:
        """`bulk` and `house` are numbers of generated articles, `port` is the first site's, the others follow (0: any); `only` names the sites to open (all)."""
        specs = [spec for spec in load_sites() if not only or spec.slug in only]
        if bulk:
            specs.append(bulk_site.spec(bulk))
        if house:
            specs.append(bulk_site.house_spec(house))
        self.specs: list[SiteSpec] = specs
        self.now = now or datetime.now(UTC)
        self.latency = 0.0
        self.disturb: Callable[[Handler, Resource], bool] = lambda handler, resource: False  # see SiteServer
        self.requests: list[Request] = []
        self.sites: dict[str, Site] = {}
        self._port = port
        self._log_path = Path(log) if log else None
        self._log: TextIO | None = None
        self._lock = threading.Lock()
        self._servers: list[SiteServer] = []

    def __enter__(self) -> Newsstand:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Open every port; a connection made after this is answered."""
        if self._log_path:
            self._log = self._log_path.open("a", encoding="utf-8")
        try:
            for number, spec in enumerate(self.specs):
                server = SiteServer(
                    self._port and self._port + number,
                    self._record,
                    lambda: self.latency,
                    lambda handler, resource: self.disturb(handler, resource),
                )
                self._servers.append(server)
                self.sites[spec.slug] = Site(spec, f"http://127.0.0.1:{server.port}", self.now, self.sites)
                server.site = self.sites[spec.slug]
        except BaseException:
            for server in self._servers:
                server.server_close()
            raise
        for server in self._servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Close every port and connection."""
        for server in self._servers:
            server.stop()
        self._servers.clear()
        with self._lock:
            if self._log:
                self._log.close()
                self._log = None

    def write_catalog(self, folder: Path | str) -> list[Path]:
        """Write `<cc>/<slug>.toml` for every site and return the paths."""
        return [catalog.write(site, Path(folder)) for site in self.sites.values()]

    def publish(self, now: datetime | None = None) -> Changes:
        """Publish the next story that was held back; LookupError when there is none left."""
        for site in self.sites.values():
            for story in site.held():
                return Changes(published=(site.publish(story.id, now or datetime.now(UTC)),))
        raise LookupError("no story is left to publish")

    def edit(self, now: datetime | None = None) -> Changes:
        """Edit the next article that has an edited text; LookupError when there is none left."""
        site, story_id = self._next("edit")
        return Changes(edited=(site.edit(story_id, now or datetime.now(UTC)),))

    def withdraw(self, now: datetime | None = None) -> Changes:
        """Withdraw the next article that is to be withdrawn; LookupError when there is none left."""
        site, story_id = self._next("withdraw")
        return Changes(withdrawn=(site.withdraw(story_id, now or datetime.now(UTC)),))

    def second_day(self, now: datetime | None = None) -> Changes:
        """Edit one article, withdraw one and publish two."""
        edited, withdrawn = self.edit(now).edited, self.withdraw(now).withdrawn
        return Changes(edited, withdrawn, self.publish(now).published + self.publish(now).published)

    def expected(self) -> dict[str, Truth]:
        """Every article published so far (withdrawn ones too), by key `slug/id`."""
        return {
            article.key: Truth(
                source=site.slug,
                url=article.url,
                aliases=article.aliases,
                title=article.title,
                paragraphs=article.paragraphs,
                published_at=article.published_text,
                authors=article.authors,
                editors=article.editors,
                agency=article.agency,
                language=article.language,
                section=article.section,
                outcome=article.expected,
                wire=article.story.wire,
                withdrawn=article.withdrawn,
                version=article.version,
            )
            for site in self.sites.values()
            for article in site.all_articles.values()
        }

    def specials(self) -> list[SpecialUrl]:
        """Every URL that is offered and is no plain article."""
        return [
            SpecialUrl(
                source=site.slug,
                url=special_url(site, special),
                outcome=special.outcome,
                note=special.note,
                target=site.resolve(special.target) if special.target else "",
                offered_in=tuple(site.url(path) for path in special.offered_in),
            )
            for site in self.sites.values()
            for special in site.spec.specials
        ]

    def offered(self) -> Mapping[str, set[str]]:
        """Every URL as the listings of the catalogue offer it right now -> the URLs of those listings."""
        found: dict[str, set[str]] = {}
        for site in self.sites.values():
            for listing in site.spec.listings:
                if listing.catalogued:
                    for row in offers(site, listing):
                        found.setdefault(row.url, set()).add(site.url(listing.path))
        return found

    def outcomes(self) -> dict[str, frozenset[str]]:
        """Every offered URL, without tracking parameters -> the outcomes that a first crawl may record.

        Of two URLs of one article the first to be fetched is `stored` and the other `duplicate`, whichever it is.
        """
        special = {item.url: item for item in self.specials()}
        known = {truth.url: truth for truth in self.expected().values()}
        doubled = {item.target for item in special.values() if item.outcome == "duplicate"}
        found: dict[str, frozenset[str]] = {}
        for offered in self.offered():
            url = offered.partition("?")[0]
            outcome = special[url].outcome if url in special else known[url].outcome
            either = outcome == "duplicate" or url in doubled
            found[url] = frozenset(("stored", "duplicate") if either else (outcome,))
        return found

    def _next(self, role: str) -> tuple[Site, str]:
        for site in self.sites.values():
            for story_id, article in site.all_articles.items():
                if article.story.role == role and article.version == 1 and not article.withdrawn:
                    return site, story_id
        raise LookupError(f"no article is left to {role}")

    def _record(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)
            if self._log:
                row = {name: getattr(request, name) for name in ("at", "site", "host", "method", "path", "status")}
                row |= {"conditional": request.conditional, "user_agent": request.user_agent}
                self._log.write(json.dumps(row | {"wall": request.wall.isoformat()}) + "\n")
                self._log.flush()
