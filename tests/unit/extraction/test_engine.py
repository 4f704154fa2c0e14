from __future__ import annotations

import re
from html import escape

import pytest
from lxml import etree, html
from trafilatura import xpaths

from crawler.extraction.engine import TEST, _guard

from .pages import PARAGRAPHS

GUARDED = re.compile(r"\((@[^,()]+) and (re:test\(\1, '[^']*'(?:, '\w+')?\))\)")
LISTS = {
    name: [GUARDED.sub(r"\2", one.path) for one in value]
    for name, value in vars(xpaths).items()
    if isinstance(value, list) and value and isinstance(value[0], etree.XPath)
}
NAMES = (None, "", "story", "article-body", "sidebar", "share", "cookie", "comments", "hidden", "post-content x", "main")


def element(tag: str, of: str | None, kind: str | None) -> str:
    names = {"id": of, "class": kind}
    said = "".join(f' {name}="{escape(value)}"' for name, value in names.items() if value is not None)
    return f"<{tag}{said}>{PARAGRAPHS[0]}</{tag}>"


def page() -> html.HtmlElement:
    tags = ("div", "section", "p", "article", "ul")
    return html.fromstring("".join(element(tag, of, kind) for tag in tags for of in NAMES for kind in NAMES))


@pytest.mark.parametrize("name", LISTS)
def test_what_is_selected_is_the_same(name: str) -> None:
    plain = [etree.XPath(path, namespaces={"re": xpaths.REGEXP_NS}) for path in LISTS[name]]
    guarded = list(plain)
    _guard(guarded)
    tree = page()
    assert [one(tree) for one in guarded] == [one(tree) for one in plain]


@pytest.mark.parametrize("name", LISTS)
def test_every_test_is_guarded_and_may_be(name: str) -> None:
    for path in LISTS[name]:
        patterns = re.findall(r"re:test\([^,]+, '([^']*)'", path)
        assert len(patterns) == path.count("re:test") == len(TEST.findall(path))
        assert not any(re.search(pattern, "") for pattern in patterns)


def test_those_that_are_used_are_guarded() -> None:
    assert all(TEST.search(GUARDED.sub("", one.path)) is None for one in (*xpaths.BODY_XPATH, *xpaths.OVERALL_DISCARD_XPATH))
    assert any(GUARDED.search(one.path) for one in xpaths.OVERALL_DISCARD_XPATH)
