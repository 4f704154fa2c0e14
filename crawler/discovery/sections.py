"""Section pages: which links of a page are articles, by the source's pattern or by what the page itself shows.

Without a pattern each address is scored by its text (headlines are long), its form (dates, numbers, slugs) and its
place (not a menu, not a footer); then addresses of the same form and anchors in the same kind of place vouch for each
other, since a page offers its articles in lists. Only the page at hand is looked at: no list of sites.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from statistics import fmean
from urllib.parse import unquote, urlsplit

from crawler.discovery.entry import Entry, Listing
from crawler.discovery.links import MAX_LINKS, SUFFIX, Link, LinkPage, Shape, read_links, shape_of
from crawler.discovery.payload import looks_like, unpack
from crawler.errors import FeedError
from crawler.urls import canonical, host_key, registered_domain

MAX_BYTES = 8 * 1024 * 1024  # unpacked
ENOUGH = 2.6  # score from which a link is an article: set on the pages of the tests, between navigation and articles

FILES = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|ico|bmp|pdf|docx?|xlsx?|pptx?|zip|rar|gz|mp[34]|m4[av]|avi|mov|webm|ogg|wav|css|js"
    r"|xml|rss|atom|json|txt|apk|exe|epub|ics)$",
    re.IGNORECASE,
)
# Folders of lists, whatever comes after them (unless that is dated), in the languages of the web's common systems.
_LISTS = (
    "tag tags tagged author authors autor autoren autores auteur auteurs autore byline profile profil people user "
    "users member members keyword keywords hashtag search suche buscar recherche cerca login logout signin sign-in "
    "signup register registration anmelden connexion account myaccount konto subscribe subscription subscriptions abo "
    "abonnement abonnements newsletter newsletters cart wp-login.php wp-admin print rss feed feeds sitemap"
)
# The same, but on some sites articles lie in them: those have long numbers.
_TOPICS = (
    "topic topics thema themen themes sujet sujets tema temas category categories kategorie kategorien categoria "
    "categorias categorie rubrique rubrik label labels share page"
)
# Pages about the site itself: only as the last segment, since /weather/storm-reaches-coast is an article.
_PAGES = (
    "about about-us ueber-uns impressum imprint contact contact-us kontakt contacto contatti privacy privacy-policy "
    "datenschutz terms terms-of-use terms-of-service agb cookies cookie-policy legal mentions-legales advertise "
    "advertising werbung terms-and-conditions help faq hilfe jobs careers karriere shop store archive archives archiv "
    "archivo epaper e-paper apps weather wetter meteo horoscope podcasts games contribute donate"
)
LIST_FOLDERS = frozenset(_LISTS.split())
_TOPIC_FOLDERS = frozenset(_TOPICS.split())
SITE_PAGES = frozenset(_PAGES.split())
_INDEX = re.compile(r"/(?:index|default|home)(?:\.\w{2,5})?$", re.IGNORECASE)
_PAGING = re.compile(r"(?:^|&)(?:page|paged|seite|pagina|offset|start|pg|q|s|query|search|sort|order)=", re.I)
_REJECTED_RELS = frozenset({"tag", "author", "next", "prev", "license", "search", "help"})
_ZONE_COST = {"": 0.0, "aside": 1.0, "header": 2.0, "footer": 3.5, "nav": 3.5}
# A letter of these scripts says as much as two or three Latin ones; Arabic and Hebrew write few vowels.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_MIDDLING = re.compile("[\uac00-\ud7a3\u0590-\u06ff\u0900-\u0eff]")
_LABEL = 15.0  # Latin letters: up to here a text is a label
_HEADLINE = 38.0  # and from here a headline


def parse_section(
    data: bytes,
    url: str,
    content_type: str = "",
    pattern: str | None = None,
    owns: Callable[[str], bool] | None = None,
) -> Listing:
    """Find the articles that a section page links to, in page order, each once; the longest text is the title.

    `pattern` is searched for in the absolute address and decides alone. `owns` says of an absolute URL whether it
    belongs to the source; without it, and without a pattern, whatever is on the page's registered domain does.
    Raises FeedError for bytes that are no HTML page.
    """
    body, cut = unpack(data, MAX_BYTES)
    page = read_links(body, url, content_type)
    if page is None:
        raise FeedError(f"{url} is not a section page but {looks_like(body, content_type)}")
    own = canonical(url)
    home = registered_domain(host_key(own))
    ours = owns or (None if pattern else lambda key: registered_domain(host_key(key)) == home)
    candidates = {key: link for key, link in page.links.items() if key != own and (ours is None or ours(key))}
    if pattern:
        expression = re.compile(pattern)
        chosen = [link for key, link in candidates.items() if expression.search(link.url) or expression.search(key)]
    else:
        chosen = _articles({key: link for key, link in candidates.items() if not _rejected(key, link, own)})
    return Listing(
        entries=tuple(Entry(url=link.url, title=link.title) for link in chosen),
        kind="section",
        title=page.title,
        language=page.language,
        next_page=page.next_page,
        problems=_problems(page, cut, chosen),
    )


def _problems(page: LinkPage, cut: bool, chosen: list[Link]) -> tuple[str, ...]:
    problems = []
    if cut or page.truncated:
        problems.append(f"only the first {MAX_LINKS} links or {MAX_BYTES} bytes were looked at")
    if page.links and not chosen:
        problems.append(f"none of {len(page.links)} links looks like an article")
    return tuple(problems)


def _rejected(key: str, link: Link, own: str) -> bool:
    """Say whether an address cannot be an article, whatever the page makes of it."""
    parts = urlsplit(key)
    segments = [unquote(segment).lower() for segment in parts.path.split("/") if segment]
    if not segments and not parts.query:
        return True
    if link.rels & _REJECTED_RELS or FILES.search(parts.path) or _PAGING.search(parts.query):
        return True
    shape = shape_of(key)
    named = set(segments)
    if named & LIST_FOLDERS and not (shape.dated and shape.words >= 3):
        return True
    if named & _TOPIC_FOLDERS and not (shape.words >= 3 and (shape.dated or shape.number >= 6)):
        return True
    if segments and SUFFIX.sub("", segments[-1]) in LIST_FOLDERS | _TOPIC_FOLDERS | SITE_PAGES:
        return True
    if not (shape.number or parts.query):
        if shape.dated and not shape.words:
            return True  # the archive of a day or a month
        if shape.words < 3 and _INDEX.search(parts.path):
            return True  # the front of a folder
    # folders above the page, and the same page with other parameters of paging
    return not parts.query and urlsplit(own).path.startswith(parts.path.rstrip("/") + "/")


def _articles(links: dict[str, Link]) -> list[Link]:
    """Choose the links whose own evidence, with that of their likes, is enough."""
    shapes = {key: shape_of(key) for key in links}
    text = {key: headline_score(link.title) + (0.5 if link.headlines else 0.0) for key, link in links.items()}
    form = {key: form_score(shape) for key, shape in shapes.items()}
    inside = {key for key, link in links.items() if link.zone in {"", "aside"}}
    # what stands in a menu says nothing about the form of articles, unless there is nothing else
    by_shape = _means((shapes[key].pattern, text[key] + form[key]) for key in inside or links)
    by_place = _means((place, text[key] + form[key]) for key in links for place in set(links[key].places))
    chosen = []
    for key, link in links.items():
        own = text[key] + form[key]
        alike = by_shape.get(shapes[key].pattern, own)
        around = max((by_place[place] for place in link.places), default=own)
        score = 0.45 * own + 0.35 * alike + 0.2 * around - _ZONE_COST[link.zone]
        if score >= ENOUGH and (text[key] > 0.5 or form[key] >= 1.5):
            chosen.append(link)
    return chosen


def _means(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for name, value in pairs:
        groups[name].append(value)
    return {name: fmean(values) for name, values in groups.items()}


def headline_score(text: str) -> float:
    """Say from 0 (a label) to 3 (a headline) what a text looks like, by its length in Latin letters."""
    weight = len(text) + 1.6 * len(_DENSE.findall(text)) + 0.5 * len(_MIDDLING.findall(text))
    return 3.0 * min(max((weight - _LABEL) / (_HEADLINE - _LABEL), 0.0), 1.0)


def form_score(shape: Shape) -> float:
    """Say from 0 to 3 how much an address looks like an article's."""
    score = (1.5 if shape.dated else 0.0) + (0.5 if shape.suffix else 0.0)
    score += 1.5 if shape.number >= 5 else 0.75 if shape.number >= 3 else 0.0
    score += 1.5 if shape.words >= 4 else 1.0 if shape.words == 3 else 0.0
    return min(score, 3.0)
