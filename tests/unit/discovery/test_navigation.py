"""Navigation: which links of a home page may lead to sections."""

from __future__ import annotations

from crawler.discovery.links import LinkPage, read_links
from crawler.discovery.navigation import section_leads

HOME = "https://www.paper.example/"


def page(body: str) -> LinkPage:
    read = read_links(f"<!doctype html><html><body>{body}</body></html>".encode(), HOME, "text/html")
    assert read is not None
    return read


def leads(body: str, articles: tuple[str, ...] = ()) -> list[str]:
    found = section_leads(page(body), HOME, lambda url: "//www.paper.example" in url, articles)
    return [lead.url.removeprefix("https://www.paper.example") for lead in found]


MENU = """<nav><ul><li><a href="/">Home</a></li><li><a href="/sport/">Sport</a></li><li><a href="/monde/">Monde</a></li>
<li><a href="/login/">Log in</a></li><li><a href="/about-us/">About us</a></li><li><a href="/tag/storms/">Storms</a></li>
<li><a href="/subscribe">Subscribe</a></li><li><a href="https://shop.example/">Shop</a></li><li><a href="/sport/index_2.html">2</a></li>
<li><a href="/2026/05/04/bridge/">Bridge</a></li><li><a href="/feed.xml">RSS</a></li></ul></nav>"""


def test_a_menu_gives_its_sections_world_news_first() -> None:
    assert leads(MENU)[:2] == ["/monde/", "/sport/"]


def test_what_is_no_section_is_left_out() -> None:
    found = leads(MENU)
    assert "/" not in found
    for path in ("/login/", "/about-us/", "/tag/storms/", "/sport/index_2.html", "/2026/05/04/bridge/", "/feed.xml"):
        assert path not in found, path
    assert not any("shop" in url for url in found)


def test_a_menu_without_mark_up_is_one() -> None:
    links = "".join(f'<a href="/{name}/">{name}</a> | ' for name in ("politik", "wirtschaft", "kultur", "ausland"))
    assert leads(f'<div class="oben">{links}</div>') == ["/ausland/", "/politik/", "/wirtschaft/", "/kultur/"]


def test_one_link_in_the_text_is_no_menu() -> None:
    assert leads('<p>More in <a href="/politics/">Politics</a>.</p>') == []


def test_headlines_and_known_articles_are_no_sections() -> None:
    cards = "".join(
        f'<li><a href="/world/{n}">The harbour bridge opens again after eleven long years</a></li>' for n in "abc"
    )
    assert leads(f"<nav><ul>{cards}</ul></nav>") == []
    assert "/sport/" not in leads(MENU, articles=(f"{HOME}sport/",))


def test_names_in_other_scripts() -> None:
    menu = '<div class="nav"><a href="/guonei/">国内</a> <a href="/keji/">科技</a> <a href="/gj/">国际</a></div>'
    found = section_leads(page(menu), HOME, lambda url: True)
    assert [(lead.name, lead.world) for lead in found] == [("国际", True), ("国内", False), ("科技", False)]
