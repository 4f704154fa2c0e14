"""What a robots.txt says (RFC 9309): to us, and to those who gather text for machines. Pure."""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from protego import Protego

from crawler.fetch.identity import PRODUCT

LARGEST = 500 * 1024  # bytes that are read; section 2.5
REDIRECTS = 5  # hops that are followed, also to other hosts; section 2.3.1.2
SHORTEST_LIFE = 900.0  # seconds; "no-store" must not mean one request for robots.txt with every page
ANYBODY, NOBODY = "*", "-"
# Agents that gather text to train or to feed machines; gathered from what their operators publish
AI_AGENTS = tuple(
    "ai2bot amazonbot anthropic-ai applebot-extended bytespider ccbot chatgpt-user claude-searchbot claude-user claude-web "
    "claudebot cohere-ai cohere-training-data-crawler diffbot duckassistbot facebookbot google-cloudvertexbot "
    "google-extended gptbot imagesiftbot img2dataset meta-externalagent meta-externalfetcher mistralai-user "
    "oai-searchbot omgili omgilibot pangubot perplexity-user perplexitybot petalbot timpibot webzio-extended "
    "youbot".split()
)
_AGENT_LINE = re.compile(r"[ \t\ufeff]*user[- ]?agent(?:[ \t]*:|[ \t])[ \t]*([^#]*)", re.IGNORECASE)
_PRODUCT_TOKEN = re.compile(r"[A-Za-z0-9_-]+")
_RULE_LINE = re.compile(r"\s*(?:dis?allow|content-(?:signals?|usage))\s*:", re.IGNORECASE)
_SIGNAL_LINE = re.compile(r"\s*(content-signals?|content-usage)\s*:\s*([^#]+)", re.IGNORECASE)
_DELAY_LINE = re.compile(r"([ \t]*crawl[- ]?delay(?:[ \t]*:|[ \t]))([^#]*)", re.IGNORECASE)
_LEADING_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_SURROGATE = re.compile(r"[\udc80-\udcff]+")
_MAX_AGE = re.compile(r"(?:^|,)\s*max-age\s*=\s*\"?(\d{1,18})", re.IGNORECASE)
_NO_STORE = re.compile(r"(?:^|,)\s*no-(?:store|cache)\b", re.IGNORECASE)
_MOST_SAID = 300  # characters of a usage preference that are kept


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt says. `status`: rules (obey `text`), allow (there is none), disallow (unreachable)."""

    status: str
    text: str
    fetched_at: datetime
    detail: str = ""
    max_age: int | None = None  # seconds, from its Cache-Control

    def expires(self, longest: float, unreachable_for: float) -> datetime:
        """When it has to be asked for again; section 2.4 allows 24 hours, and less where the server says so."""
        if self.status == "disallow":
            return self.fetched_at + timedelta(seconds=unreachable_for)
        life = longest if self.max_age is None else min(max(self.max_age, SHORTEST_LIFE), longest)
        return self.fetched_at + timedelta(seconds=life)


def of_response(status: int, body: bytes, now: datetime, cache_control: str = "") -> Rules:
    """Rules from the answer at the end of the redirects."""
    age = max_age(cache_control)
    if 200 <= status < 300:
        return Rules("rules", decoded(body), now, max_age=age)
    if 400 <= status < 500 and status != 429:
        return Rules("allow", "", now, f"HTTP {status}", age)
    if 300 <= status < 400:
        return Rules("allow", "", now, f"HTTP {status}, and no file after {REDIRECTS} redirects", age)
    # 429 asks to come back later, which "everything is allowed" would not do
    return Rules("disallow", "", now, f"robots.txt answered with HTTP {status}")


def max_age(cache_control: str) -> int | None:
    """Seconds for which an answer may be kept; None when it does not say (RFC 9111, section 5.2.2)."""
    if _NO_STORE.search(cache_control):
        return 0
    found = _MAX_AGE.search(cache_control)
    return int(found[1]) if found else None


def decoded(body: bytes) -> str:
    """The text of a robots.txt, of its first 500 KiB, without NULs; a byte that is no UTF-8 is escaped, as in URLs."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return body[:LARGEST].decode("utf-16", "replace")
    if len(body) > LARGEST:
        # half a line could forbid more than the whole one
        cut = body[:LARGEST]
        body = cut[: max(cut.rfind(b"\n"), cut.rfind(b"\r")) + 1]
    text = body.decode("utf-8-sig", "surrogateescape")
    text = text.replace("\0", "")
    return _SURROGATE.sub(lambda found: quote(found[0].encode("utf-8", "surrogateescape")), text)


class RobotsTxt:
    """The rules of one file. Groups are found by their whole product token, in any case (section 2.2.1).

    Protego finds them by parts of it, so that a group for `Kios` would be ours and one for `Kiosque/1.0` would not; it
    is given each token with a mark at its end.
    """

    def __init__(self, text: str) -> None:
        lines = text.splitlines()
        tokens = {token for line in lines if (token := _token(line)) is not None}
        self._protego = Protego.parse("\n".join(map(_marked, lines)))
        self._ai = tuple(agent for agent in AI_AGENTS if agent in tokens)
        self._usage = _usage(lines, PRODUCT.lower() if PRODUCT.lower() in tokens else ANYBODY)

    def allows(self, url: str, agent: str = PRODUCT) -> bool:
        """Tell whether an agent may fetch a URL."""
        return bool(self._protego.can_fetch(url, _mark(agent.lower())))

    def delay(self, longest: float) -> float:
        """Seconds that it asks us to wait between requests (Crawl-delay, Request-rate), between 0 and `longest`;
        nonsense counts as nothing."""
        asked = self._protego.crawl_delay(_mark(PRODUCT.lower())) or 0.0
        if rate := self._protego.request_rate(_mark(PRODUCT.lower())):
            asked = max(asked, rate.seconds / rate.requests)
        return min(float(asked), longest) if math.isfinite(asked) and asked > 0 else 0.0

    def closed_to(self, url: str) -> tuple[str, ...]:
        """The agents of AI that it names and forbids a URL."""
        return tuple(agent for agent in self._ai if not self.allows(url, agent))

    @property
    def usage(self) -> tuple[str, ...]:
        """What it says of the use that may be made of its pages (Content-Usage, Content-Signal), for us or for all."""
        return self._usage


def _token(line: str) -> str | None:
    """The product token of a line that begins a group, in lower case; None for any other line."""
    found = _AGENT_LINE.match(line)
    if found is None:
        return None
    value = found[1].strip()
    if value == ANYBODY or value.startswith("* "):
        return ANYBODY
    token = _PRODUCT_TOKEN.match(value)
    return token[0].lower() if token else NOBODY


def _mark(token: str) -> str:
    return token if token == ANYBODY else f"{token};"


def _marked(line: str) -> str:
    token = _token(line)
    if token is not None:
        return f"User-agent: {_mark(token)}"
    delay = _DELAY_LINE.match(line)
    return line if delay is None else delay[1] + _number(delay[2].strip())


def _number(value: str) -> str:
    """A number as it is written, or what a value such as `2s` or `1,5` begins with."""
    try:
        float(value)
    except ValueError:
        found = _LEADING_NUMBER.match(value)
        return found[0].replace(",", ".") if found else value
    return value


def _usage(lines: Iterable[str], agent: str) -> tuple[str, ...]:
    said: dict[str, None] = {}
    group: set[str] = {ANYBODY}  # what stands before the first group is said to all
    ruled = True
    for line in lines:
        token = _token(line)
        if token is not None:
            group = {token} if ruled else group | {token}
            ruled = False
            continue
        ruled = ruled or _RULE_LINE.match(line) is not None
        if agent in group and (found := _SIGNAL_LINE.match(line)):
            said[f"{found[1].lower()}: {' '.join(found[2].split())}"[:_MOST_SAID]] = None
    return tuple(said)[:20]
