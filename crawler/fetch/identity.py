"""Who we say we are: an honest User-Agent with a way to reach the operator (RFC 9309, section 2.2.1; RFC 9110, 10.1.5)."""

from __future__ import annotations

PRODUCT = "Kiosque"
VERSION = "0.1"
NO_CONTACT = (
    "CONTACT is not set: site owners cannot reach you. Set KIOSQUE_CONTACT to an e-mail address or a page that says who "
    "you are; some sites refuse crawlers that do not."
)


def user_agent(contact: str) -> str:
    """The User-Agent header; a contact that could break the header is refused with ValueError."""
    contact = contact.strip()
    if any(c in contact for c in "()\r\n") or not contact.isascii() or not contact.isprintable():
        raise ValueError(f"CONTACT {contact!r} cannot stand in a header: use a plain address or URL")
    return (
        f"{PRODUCT}/{VERSION} ({'+' if contact.startswith('http') else ''}{contact})"
        if contact
        else f"{PRODUCT}/{VERSION}"
    )
