"""What is no text of a page whatever it says, by its element or role: dropped before anything is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from .document import one_line

NEVER_TEXT = ("script", "style", "svg", "noscript", "template", "iframe", "object", "nav", "footer", "button", "select",
              "textarea", "input", "video", "audio", "canvas", "dialog", "map")  # fmt: skip
NEVER_ROLES = frozenset([
    "navigation", "complementary", "banner", "contentinfo", "dialog", "alertdialog", "search", "menu", "menubar",
    "toolbar",
])  # fmt: skip
ROLES = etree.XPath("//*/@role")
NEVER_BOXES = frozenset(["body", "html", "article", "main"])
FORM_LEVELS = 5  # ancestors of a field that may be its box
FORM_WORDS = 400  # characters in such a box: an invitation, a consent and a button
FORM_SHARE = 0.2  # of the text of the page, white space and all, that such a box may hold


def prune(tree: HtmlElement) -> None:
    """Drop what is no text by its element or role, and small boxes that ask for an address: of a newsletter, a comment or
    a login. Other forms stay: some sites wrap the whole page in one."""
    boxes = list(_mail_forms(tree))
    roles = (role.getparent() for role in ROLES(tree) if role in NEVER_ROLES)
    for node in [*tree.iter(*NEVER_TEXT), *roles]:
        if node.getparent() is not None and node.tag not in NEVER_BOXES:
            node.drop_tree()
    # a news flash may be shorter than the invitation below it
    whole = len(tree.text_content()) if boxes else 0
    for box in boxes:
        if box.getparent() is not None and len(box.text_content()) <= FORM_SHARE * whole:
            box.drop_tree()


def _mail_forms(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the largest box of few words around each field for a mail address."""
    for field in tree.iter("input"):
        if (field.get("type") or "").lower() != "email":
            continue
        box = None
        for above in islice(field.iterancestors(), FORM_LEVELS):
            if above.tag in NEVER_BOXES or len(one_line(above.text_content())) > FORM_WORDS:
                break
            box = above
        if box is not None:
            yield box
