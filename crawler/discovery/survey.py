"""A survey: looks around a site for its feeds, sitemaps and sections, with a bounded number of requests.

What a site names itself is looked at first; common places are tried only while there is nothing of their kind. The
requests are the scout's, who keeps to robots.txt and the rest between two of them, and so is the reading, in a worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from crawler.discovery import probing, whereabouts
from crawler.discovery.asking import Answer, Asker, Scout
from crawler.discovery.edition import Edition
from crawler.discovery.entrance import Entrance, enter
from crawler.discovery.entry import Listing
from crawler.discovery.feeds import parse_feed
from crawler.discovery.findings import Survey
from crawler.discovery.homepage import Said, SitePage, read_site_page
from crawler.discovery.impostor import is_html
from crawler.discovery.links import shape_of
from crawler.discovery.navigation import Lead, section_leads
from crawler.discovery.patterns import Learned, learn
from crawler.discovery.places import FEED, SECTION, SITEMAP, Place, chosen, with_home
from crawler.discovery.probing import Candidate
from crawler.discovery.sections import form_score, parse_section
from crawler.discovery.sitemaps import parse_sitemap
from crawler.discovery.whereabouts import Peer
from crawler.errors import FeedError
from crawler.extraction.errors import ExtractionError
from crawler.sites import belongs, site_of
from crawler.urls import canonical

NAMED_FEEDS = 10  # that are looked at, of those that pages name for machines
LINKED_FEEDS = 8  # of those that only look like feeds
SITEMAPS = 6  # of those that robots.txt names
PARTS = 2  # of a sitemap index
SECTIONS = 5
LEAST_LISTED = 4  # articles that make a page a section
MOST_LEARNED = 500  # addresses that a pattern is learned from


class Surveyor:
    """Looks around one site."""

    def __init__(self, scout: Scout, most: int) -> None:
        self._scout = scout
        self._asker = Asker(scout, most)
        self._places: dict[str, Place] = {}
        self._unseen: list[Candidate] = []
        self._offsets: list[int] = []
        self._languages: list[Said] = []
        self._sections: list[tuple[Lead, Answer]] = []
        self._articles: set[str] = set()  # on the home page, as it seems
        self._titles: list[str] = []  # on the home page
        self._headlines: list[str] = []  # in feeds
        self._edition = Edition()
        self._page: SitePage

    async def survey(self, home: str, peers: Sequence[Peer] = ()) -> Survey:
        """Look around. `peers`: where other sources are. Raises NothingThere."""
        entrance = await enter(self._scout, self._asker, home)
        self._page = page = self._arrive(entrance)
        if entrance.feed is not None:
            await self._feed(Candidate(entrance.feed.url, "the address that was given"), entrance.feed)
        await self._feeds(probing.named_feeds(page), NAMED_FEEDS)
        named = [Candidate(url, "named by the home page") for url in page.sitemaps]
        await self._sitemaps([*probing.sitemaps_named(self._scout.robots(page.url), page.url), *named], SITEMAPS)
        await self._look_at_sections()
        await self._feeds(probing.linked_feeds(page.page, self._edition.owns, page.url), LINKED_FEEDS)
        if not self._has(FEED):
            await self._feeds(probing.feed_places(page.url), first=True)
        if not self._has(SITEMAP):
            await self._sitemaps(probing.sitemap_places(page.url), first=True)
        if not self._has(FEED) and not self._has(SITEMAP):
            for form in probing.section_feed_places(lead.url for lead, _ in self._sections):
                await self._feeds(form)
                if self._has(FEED):
                    break
        pattern = await self._read_sections()
        return self._summary(peers, pattern)

    def _has(self, kind: str) -> bool:
        return any(place.kind == kind and not place.left_out for place in self._places.values())

    def _arrive(self, entrance: Entrance) -> SitePage:
        """Take from the home page what it tells of the articles of the site."""
        url = entrance.page.url
        self._articles = set(probing.keys_of(entrance.listing.entries))
        self._titles = [entry.title for entry in entrance.listing.entries]
        self._edition = Edition(url, self._articles)
        if len(self._articles) >= LEAST_LISTED:
            self._add(SECTION, url, "the home page itself", "", entrance.listing, "used only if there is nothing else")
        return entrance.page

    # -- feeds ---------------------------------------------------------------------------------------------------

    async def _feeds(self, candidates: Iterable[Candidate], most: int | None = None, first: bool = False) -> None:
        """Look at feeds; those beyond `most` are only told of. `first`: stop at the first of use."""
        looked = 0
        for candidate in candidates:
            if self._asker.knows(candidate.url):
                continue
            if most is not None and looked >= most:
                self._unseen.append(candidate)
                continue
            answer = await self._asker.ask(candidate.url)
            looked += 1
            if answer is None or not answer.ok:
                continue
            if is_html(answer.body):
                await self._overview(answer)
                if first and self._has(FEED):
                    return
            elif await self._feed(candidate, answer) and first:
                return

    async def _overview(self, answer: Answer) -> None:
        """Look at the feeds that a page about feeds names."""
        try:
            page: SitePage = await self._scout.read(read_site_page, answer.body, answer.url, answer.content_type)
        except (FeedError, ExtractionError):
            return  # it was only a link that looked like one
        named = [*probing.named_feeds(page), *probing.linked_feeds(page.page, self._edition.owns, answer.url)]
        for candidate in named[:LINKED_FEEDS]:
            if (found := await self._asker.ask(candidate.url)) and found.ok and not is_html(found.body):
                await self._feed(candidate, found)
        self._unseen += [candidate for candidate in named[LINKED_FEEDS:] if not self._asker.knows(candidate.url)]

    async def _feed(self, candidate: Candidate, answer: Answer) -> bool:
        try:
            listing: Listing = await self._scout.read(
                parse_feed, answer.body, answer.url, answer.content_type, self._scout.now()
            )
        except (FeedError, ExtractionError):
            return False  # whatever it is, it is no feed
        fault = probing.fault_of_feed(listing, self._edition.has)
        if fault and (site := probing.main_site(listing.entries)) and self._leads_to(site):
            self._edition.widen(site, [entry.url for entry in listing.entries])
            fault = probing.fault_of_feed(listing, self._edition.has)
        self._add(FEED, answer.url, candidate.why, listing.title or candidate.name, listing, fault)
        if not fault:
            self._headlines += [entry.title for entry in listing.entries]
            self._offsets += whereabouts.offsets_in(answer.body)
            self._languages.append(Said(listing.language, f"the feed {answer.url}"))
        return not fault

    def _leads_to(self, site: str) -> bool:
        """Tell whether the home page leads to another site as to its own."""
        return sum(belongs(key, frozenset({site})) for key in self._page.page.links) >= LEAST_LISTED

    def _add(self, kind: str, url: str, why: str, name: str, listing: Listing, left_out: str = "") -> None:
        keys = frozenset(key for key in probing.keys_of(listing.entries) if kind == FEED or self._edition.owns(key))
        newest = probing.newest_of(listing.entries)
        self._places.setdefault(url, Place(url, kind, listing.kind, why, name, keys, newest, left_out))

    # -- sitemaps ------------------------------------------------------------------------------------------------

    async def _sitemaps(self, candidates: Iterable[Candidate], most: int | None = None, first: bool = False) -> None:
        for number, candidate in enumerate(candidates):
            if most is not None and number >= most:
                self._unseen.append(candidate)
                continue
            listing = await self._sitemap(candidate.url)
            if listing is None:
                continue
            if listing.children:
                await self._index(candidate, listing)
            elif listing.kind in probing.FEED_KINDS:  # as the protocol of sitemaps allows
                fault = probing.fault_of_feed(listing, self._edition.has)
                self._add(FEED, candidate.url, candidate.why, listing.title, listing, fault)
            else:
                fault = probing.fault_of_sitemap(listing, self._edition.has, self._known())
                self._add(SITEMAP, candidate.url, candidate.why, "", listing, fault)
            if first and self._has(SITEMAP):
                return

    async def _sitemap(self, url: str) -> Listing | None:
        answer = await self._asker.ask(url)
        if answer is None or not answer.ok or is_html(answer.body):
            return None
        try:
            listing: Listing = await self._scout.read(parse_sitemap, answer.body, answer.url, self._scout.now())
        except (FeedError, ExtractionError):
            return None
        self._offsets += whereabouts.offsets_in(answer.body)
        self._languages += [Said(entry.language, f"the sitemap {url}") for entry in listing.entries[:1]]
        return listing

    async def _index(self, candidate: Candidate, index: Listing) -> None:
        """Look at the parts of an index that may hold news, or else articles; a part that lasts is named itself."""
        children = [child.url for child in index.children if self._edition.owns(child.url)]
        ranked = sorted(children, key=probing.sitemap_rank)
        fault = "none of its parts could be read" if children else "its parts are on other sites"
        for child in ranked[:PARTS]:
            listing = await self._sitemap(child)
            if listing is None:
                continue
            fault = probing.fault_of_sitemap(listing, self._edition.has, self._known())
            if fault:
                continue
            why = f"{candidate.why}, an index"
            if listing.kind == "newssitemap" and probing.lasting(child):
                self._add(SITEMAP, child, f"a part of {candidate.url}, {candidate.why}", "", listing)
            else:
                index = Listing(entries=listing.entries, kind=index.kind)
                self._add(SITEMAP, candidate.url, why, "", index)
            return
        self._add(SITEMAP, candidate.url, candidate.why, "", index, fault)

    def _known(self) -> set[str]:
        """Addresses that are articles, as far as is known."""
        feeds = (place.keys for place in self._places.values() if place.kind == FEED and not place.left_out)
        return self._articles.union(*feeds)

    # -- sections ------------------------------------------------------------------------------------------------

    async def _look_at_sections(self) -> None:
        leads = section_leads(self._page.page, self._page.url, self._edition.owns, self._known())
        for lead in leads[:SECTIONS]:
            answer = await self._asker.ask(lead.url)
            if answer is None or not answer.ok or not self._edition.owns(answer.url) or not is_html(answer.body):
                continue
            self._sections.append((lead, answer))
            try:
                page: SitePage = await self._scout.read(read_site_page, answer.body, answer.url, answer.content_type)
            except (FeedError, ExtractionError):
                continue  # reading it as a section will say so
            await self._feeds(probing.named_feeds(page), 1)

    async def _read_sections(self) -> Learned | None:
        """Read the sections, by the pattern of the articles' addresses if there is one, which is given."""
        plain = [(lead, answer, await self._listed(answer, None)) for lead, answer in self._sections]
        pattern = self._learned([listing for _, _, listing in plain if listing])
        for lead, answer, listing in plain:
            if pattern and listing:
                listing = await self._listed(answer, pattern.expression) or listing
            if listing and len(listing.entries) >= LEAST_LISTED:
                self._add(SECTION, answer.url, "a link in the navigation", lead.name, listing)
        return pattern

    async def _listed(self, answer: Answer, expression: str | None) -> Listing | None:
        try:
            return await self._scout.read(
                parse_section, answer.body, answer.url, answer.content_type, expression,
                partial(belongs, sites=self._edition.sites),
            )  # fmt: skip
        except (FeedError, ExtractionError):
            return None

    def _learned(self, sections: list[Listing]) -> Learned | None:
        """Learn from what feeds and news sitemaps offer; from other sitemaps and pages where there is no such thing."""
        good = [place for place in self._places.values() if not place.left_out]
        articles = {
            key for place in good if place.kind == FEED or place.news for key in place.keys if self._edition.owns(key)
        }
        if len(articles) < LEAST_LISTED * 2:
            articles |= self._articles.union(*(probing.keys_of(listing.entries) for listing in sections))
            articles |= {
                key for place in good if place.kind == SITEMAP for key in place.keys if form_score(shape_of(key)) >= 2
            }
        others = {
            key
            for key, link in self._page.page.links.items()
            if self._edition.owns(key) and link.zone in ("nav", "footer", "header")
        }
        others |= {
            canonical(lead.url) for lead in section_leads(self._page.page, self._page.url, self._edition.owns, articles)
        }
        return learn(sorted(articles)[:MOST_LEARNED], others - articles)

    # -- the end -------------------------------------------------------------------------------------------------

    def _summary(self, peers: Sequence[Peer], pattern: Learned | None) -> Survey:
        page, now = self._page, self._scout.now()
        said = [*page.locales, *(one for one in self._languages if one.value)]
        language = whereabouts.language_of(said, " ".join(self._titles) or page.words or " ".join(self._headlines))
        country, zone = whereabouts.place_of(page.url, said, page.countries, language.value, self._offsets, peers, now)
        places = chosen(with_home(self._places.values(), page.url), now)
        feeds = [place.name for place in self._places.values() if place.kind == FEED and not place.left_out]
        unseen = {canonical(one.url): one for one in self._unseen if not self._asker.knows(one.url)}
        used = frozenset(site_of(place.url) for place in places if not place.left_out) | {site_of(page.url)}
        return Survey(
            home=page.url,
            name=whereabouts.name_of(page.names, feeds, page.url),
            language=language,
            country=country,
            timezone=zone,
            places=tuple(places),
            domains=tuple(sorted(self._edition.further - used)),
            pattern=pattern,
            unseen=tuple(unseen.values()),
            requests=self._asker.requests,
            at=now,
            trouble=self._asker.trouble,
        )
