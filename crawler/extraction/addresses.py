"""The address under which a page wants to be known."""

from __future__ import annotations

from urllib.parse import urlsplit

from .document import Document, absolute


def canonical(document: Document) -> tuple[str, str]:
    """Return the canonical URL and the method (`meta` for rel=canonical, `opengraph`); "" for none worth it."""
    for url, method in (
        (document.link("canonical"), "meta"),
        (absolute(document.url, document.meta("og:url")), "opengraph"),
    ):
        if url and _is_credible(url, document.url):
            return url, method
    return "", ""


def _is_credible(url: str, final: str) -> bool:
    """Refuse one that points at a front page, or at a folder above the page: templates with a hard-wired link do."""
    try:
        there, here = urlsplit(url), urlsplit(final)
    except ValueError:
        return False
    if not there.hostname:
        return False
    path, own = there.path.rstrip("/"), here.path.rstrip("/")
    if not path and not there.query:
        return False
    return not (own != path and own.startswith(path + "/") and not there.query)
