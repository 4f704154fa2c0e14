"""Small readings of Scrapy responses that pages and listings share."""

from __future__ import annotations

import html
import re
from datetime import timedelta

from scrapy import Request
from scrapy.http import Response

REDIRECTS = frozenset({301, 302, 303, 307, 308})
SOON = 5.0  # seconds: a page that leads on later than this is read before it does
REFRESH_WITHIN = 16 * 1024  # bytes of a page in which it says that it leads elsewhere
_MAX_AGE = re.compile(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,9})")
_UNSEEN = re.compile(
    r"<!--.*?(?:-->|$)|<(script|noscript|style|template)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL
)
_REFRESH = re.compile(r"<meta\b(?=[^>]*\bhttp-equiv\s*=\s*[\"']?\s*refresh\b)[^>]*>", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_LEADS = re.compile(
    r"\s*([0-9]*\.?[0-9]*)[\s;,]+(?:url\s*=\s*)?[\"']?\s*(?!url\s*=?\s*[\"']?\s*$)(.+?)\s*[\"']?\s*",
    re.IGNORECASE | re.DOTALL,
)


def header(response: Response, name: str) -> str | None:
    """A response header as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def fresh_for(response: Response) -> timedelta:
    """How long an answer says that it stays fresh (Cache-Control: max-age, RFC 9111), less its age in caches so far."""
    said = (header(response, "Cache-Control") or "").lower()
    longest = _MAX_AGE.search(said)
    if longest is None or "no-cache" in said or "no-store" in said:
        return timedelta(0)
    age = (header(response, "Age") or "").strip()
    passed = int(age) if age.isdecimal() and len(age) < 10 else 0
    return timedelta(seconds=max(int(longest[1]) - passed, 0))


def location(response: Response) -> str | None:
    """Where a redirect leads, as it was written; None when the answer is no redirect or names nothing.

    Bytes that are no UTF-8 stay what they are, percent-encoded, as browsers do it.
    """
    value = (response.headers.get("Location") or b"").strip()
    if response.status not in REDIRECTS or not value:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in value)


def refresh(body: bytes) -> str | None:
    """Where a page says that its reader is taken at once (`<meta http-equiv="refresh">`), as it was written."""
    found = _REFRESH.search(_UNSEEN.sub(" ", body[:REFRESH_WITHIN].decode("utf-8", "replace")))
    content = _CONTENT.search(found[0]) if found else None
    leads = (
        _LEADS.fullmatch(html.unescape(next((group for group in content.groups() if group), ""))) if content else None
    )
    if leads is None or float(leads[1] if leads[1].strip(".") else 0) > SOON:
        return None
    return leads[2]


def conditional(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Headers of a conditional request (RFC 9110, section 13)."""
    headers = {}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return headers


def is_conditional(request: Request | None) -> bool:
    """Tell whether a request asked only for what is new."""
    return request is not None and ("If-None-Match" in request.headers or "If-Modified-Since" in request.headers)


def is_never_fetched(link: str) -> bool:
    """Tell whether a link has another scheme than http and https, or a user name in it."""
    found = re.match(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):", link)
    other = found is not None and found[1].lower() not in ("http", "https")
    return other or re.match(r"\s*(?:https?:)?//[^/?#]*@", link, re.IGNORECASE) is not None


def refused_type(response: Response) -> str:
    """Why a response is not even looked at, or an empty text; the bytes decide where the header is silent or vague."""
    declared = (header(response, "Content-Type") or "").partition(";")[0].strip().lower()
    start = response.body[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"%pdf-", b"\x89png", b"\xff\xd8\xff", b"gif8", b"pk\x03\x04")):
        return f"not a page: {declared or 'binary content'}"
    vague = declared in ("", "text/plain", "application/xml", "text/xml") or "html" in declared
    if vague or start.startswith((b"<!doctype html", b"<html")):
        return ""
    return f"not a page: {declared}"
