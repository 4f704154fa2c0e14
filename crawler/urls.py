"""URLs: the key under which a page is known, links as found in the wild, the unit of politeness.

Rules from RFC 3986 (section 6.2, normalisation), the URL living standard (what browsers repair) and RFC 5891 (IDNA).
courlan's list of trackers is not used as it is: it matches parts of names and so drops `cid`, `source` and whatever
begins with `ga`, which are the article's number on many sites; w3lib's canonicalize_url sorts the query, which some
servers mind.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import unquote, urljoin

import idna
import tldextract

MAX_LENGTH = 2_000  # longer links are session state or garbage; sitemaps.org allows fewer than 2,048 characters

_DEFAULT_PORTS = {"http": 80, "https": 443}
_PARTS = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.IGNORECASE | re.DOTALL)
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]@]+)(?::(\d{0,5}))?")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_HALF_ABSOLUTE = re.compile(r"^(https?):(?:/|/{3,})(?=[^/])", re.IGNORECASE)
_EDGE = "".join(map(chr, range(0x21))) + "\x7f\xa0\u200b\u200e\u200f\u2060\u3000\ufeff"
_BREAKS = str.maketrans("", "", "\t\n\r\0")
_SURROGATES = re.compile(r"[\ud800-\udfff]")

_UNRESERVED = "A-Za-z0-9\\-._~"
_SUB_DELIMS = "!$&'()*+,;="
_PATH_UNSAFE = re.compile(rf"%([0-9A-Fa-f]{{2}})|[^{_UNRESERVED}{_SUB_DELIMS}:@/]")
_QUERY_UNSAFE = re.compile(rf"%([0-9A-Fa-f]{{2}})|[^{_UNRESERVED}{_SUB_DELIMS}:@/?]")
_IS_UNRESERVED = re.compile(rf"[{_UNRESERVED}]")

# Parameters that say where the reader came from. Gathered from w3lib, courlan, AdGuard's and ClearURLs' public lists,
# and from what publishers add to their own feeds (at_medium: BBC, xtor: AT Internet, maca: DW, ns_mchannel, wt_mc).
_PREFIXES = (
    "utm_ hsa_ mtm_ matomo_ pk_ piwik_ oly_ vero_ itm_ guce_ fb_action_ __hs _hs hss_ ml_subscriber cm_mmc trk_ "
    "at_campaign at_medium at_custom at_link at_bbc at_ptr at_format at_channel at_creation at_variant at_platform "
    "at_recipient at_send ns_campaign ns_mchannel ns_source ns_linkname ns_fee wt_mc wt_zmc wt.mc sc_campaign "
    "sc_channel gad_ rb_click s_kwc"
)
_NAMES = (
    "fbclid gclid dclid yclid ysclid twclid ttclid gclsrc gbraid wbraid igshid igsh msclkid epik dicbo tblci fbc_id "
    "li_fat_id ef_id s_cid srsltid wickedid mkwid pcrid ncid cmpid cmp_id ocid icid ico iref smid smtyp mbid vgo_ee "
    "oborigurl _openstat _ga _gl hsctatracking mc_cid mc_eid mkt_tok mkevt mkcid fb_source fb_ref soc_src soc_trk "
    "guccounter ref_src ref_url referer referrer __twitter_impression __source traffic_source xtor xtref xtcr maca spm "
    "ftag wprov rss_source cndid phpsessid jsessionid cfid cftoken zenid osc_sid oscsid"
)
# Sessions, if their value looks like one: `sid` is the number of a story on some sites.
_SESSIONS = frozenset("sid session sessid sessionid session_id sess s_id sessionkey session_key".split())
_SESSION_VALUE = re.compile(r"(?=.*\d)(?:[0-9a-f]{16,}|(?=.*[a-z])[0-9a-z_\-]{20,})", re.IGNORECASE)
# These identify articles on some sites, so they go only when their value names a channel.
_AMBIGUOUS = "ref r source src from cmp partner emc via origin campaign medium ito feed_source s_source share"
_CHANNEL_VALUE = re.compile(
    r"(?:rss|atom|feed|xml|newsletter|twitter|facebook|whatsapp|telegram|linkedin|social|share|fb|tw)"
    r"(?:[_.\-]?(?:feeds?|rss|xml|20?|share|all|web))?"
)
_TRACKER_PREFIXES = tuple(_PREFIXES.split())
_TRACKERS = frozenset(_NAMES.split())
_CHANNEL_NAMES = frozenset(_AMBIGUOUS.split())
_SESSION_SEGMENT = re.compile(
    r";(?:jsessionid|phpsessid|sid|sessionid|session_id)=[^/;]*"
    r"|/\((?:[A-Z]\([0-9a-z]{20,}\))+\)(?=/)",  # ASP.NET without cookies
    re.IGNORECASE,
)

_suffixes = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())  # the list shipped with the package: no network


def canonical(url: str) -> str:
    """Give the key under which a URL is known; fetching it leads to the same page.

    Scheme and host in lower case, IDNA host, no default port, fragment, userinfo or tracking parameter, dot segments
    resolved, percent-encoding as RFC 3986 6.2.2 has it. Order of parameters, trailing slash and scheme stay.
    Idempotent; never raises: what is not an http(s) URL comes back trimmed. A `#!` fragment goes too: no server ever
    sees it.
    """
    text = _tidy(url)
    match = _split(text)
    if match is None:
        return text
    scheme = match[1].lower()
    authority = _authority(scheme, match[2])
    if not authority:
        return text
    path = _SESSION_SEGMENT.sub("", _PATH_UNSAFE.sub(_escape, match[3]))
    query = "&".join(
        _QUERY_UNSAFE.sub(_escape, part) for part in (match[4] or "").split("&") if part and not _is_tracking(part)
    )
    return f"{scheme}://{authority}{_without_dots(path)}" + (f"?{query}" if query else "")


def join(base: str, link: str) -> str | None:
    """Make an absolute http(s) URL of a link as found in the wild; None if it is none. Never raises.

    The fragment is dropped, everything else stays as offered. Longer than `MAX_LENGTH`, with userinfo or of another
    scheme: None; so is a link to the page itself (empty, or a fragment alone).
    """
    text = _tidy(link).partition("#")[0]
    if not text:
        return None  # the page itself
    head, mark, query = text.partition("?")
    head = head.replace("\\", "/")
    scheme = _SCHEME.match(head)
    if scheme and scheme[1].lower() not in _DEFAULT_PORTS:
        # "example.org:8080/x" has no scheme either, but nobody links like that on purpose
        return None
    head = _HALF_ABSOLUTE.sub(r"\1://", head, count=1)
    if head.startswith("///"):
        head = "//" + head.lstrip("/")
    absolute = head + mark + query
    if not scheme:
        try:
            absolute = urljoin(base, absolute)
        except ValueError:
            return None
    match = _split(absolute)
    if match is None or len(absolute) > MAX_LENGTH or "@" in match[2] or not _authority(match[1].lower(), match[2]):
        return None
    return match[1].lower() + absolute[len(match[1]) :]


def offered(base: str, link: str) -> str | None:
    """Make a URL of a link that is an offer, as in a feed; None when there is none.

    What cannot be fetched (another scheme, a user name, too long) comes back as it stands: it was offered, and so it
    gets an outcome. `join` tells that it is no use.
    """
    text = _tidy(link)
    return join(base, link) or (text[: MAX_LENGTH + 1] if ":" in text and not text.startswith("#") else None)


def offer_key(url: str) -> str:
    """Give the key under which an offered URL is known: its canonical form, or, of one that cannot be fetched, itself.

    A link with a user name in it must not stand for the page without.
    """
    return canonical(url) if join(url, url) else url


def host_key(url: str) -> str:
    """Give the unit of politeness: host in lower case, with its port unless that is the scheme's own; "" if none."""
    match = _split(_tidy(url))
    return _authority(match[1].lower(), match[2]) if match else ""


def registered_domain(host: str) -> str:
    """Give the domain that somebody registered (`news.bbc.co.uk` -> `bbc.co.uk`); addresses and lone names as they are.

    Takes a host with or without a port. The public suffix list is the one shipped with tldextract.
    """
    name = host.strip().lower().rstrip(".")
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    if name.count(":") == 1:
        name = name.partition(":")[0]
    return _suffixes(name).top_domain_under_public_suffix or name


def _tidy(url: str) -> str:
    """Take away what browsers take away: white space at the ends, line breaks and tabs anywhere."""
    return _SURROGATES.sub("\ufffd", url.strip(_EDGE).translate(_BREAKS))


def _split(url: str) -> re.Match[str] | None:
    """Split into scheme, authority, path and query; backslashes before the query count as slashes, as in browsers."""
    if "\\" in url:
        head, mark, rest = url.partition("?")
        url = head.replace("\\", "/") + mark + rest
    return _PARTS.fullmatch(url)


@lru_cache(maxsize=4096)
def _authority(scheme: str, raw: str) -> str:
    """Normalise host and port; "" for what cannot be one. The cache serves pages of links to one host."""
    match = _HOST_PORT.fullmatch(raw.rpartition("@")[2])
    if match is None:
        return ""
    host = _host(match[1])
    port = int(match[2]) if match[2] else _DEFAULT_PORTS[scheme]
    if not host or port > 65_535:
        return ""
    return host if port == _DEFAULT_PORTS[scheme] else f"{host}:{port}"


def _host(raw: str) -> str:
    if raw.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(raw[1:-1]).compressed}]"
        except ValueError:
            return ""
    name = unquote(raw).lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    name = name.removesuffix(".")
    # wider than DNS (underscores occur), narrower than what a browser would refuse
    return name if re.fullmatch(r"[a-z0-9_\-]+(?:\.[a-z0-9_\-]+)*", name) else ""


def _escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8"))
    char = chr(int(match[1], 16))
    return char if _IS_UNRESERVED.fullmatch(char) else f"%{match[1].upper()}"


def _is_tracking(part: str) -> bool:
    name, _, value = part.partition("=")
    name = unquote(name).lower().removeprefix("amp;")
    if name in _TRACKERS or name.startswith(_TRACKER_PREFIXES) or name.startswith("aspsessionid"):
        return True
    if name in _SESSIONS:
        return _SESSION_VALUE.fullmatch(unquote(value)) is not None
    return name in _CHANNEL_NAMES and _CHANNEL_VALUE.fullmatch(unquote(value).lower()) is not None


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986 5.2.4); an empty path is `/`."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
