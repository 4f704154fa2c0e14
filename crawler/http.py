"""Small readings of Scrapy responses that pages and listings share."""

from __future__ import annotations

from scrapy.http import Response

REDIRECTS = frozenset({301, 302, 303, 307, 308})


def header(response: Response, name: str) -> str | None:
    """A response header as text."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def conditional(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Headers of a conditional request (RFC 9110, section 13)."""
    headers = {}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    return headers


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
