"""Under which section a page stands: structured data, else its breadcrumb."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .document import text_of
from .headline import fold
from .lines import Line
from .structured import Facts, Said

MAX_NAME = 60
ABOVE = 25  # lines above the headline in which a breadcrumb stands
ARROW = re.compile(r"\s*(?:>{1,3}|»|›|→|›|＞+|::|❯|▸|⟩|≫|&gt;)\s*")
SLASH = re.compile(r"\s*[/|·]\s*")
# "Home" and "You are here", folded; the first part of a breadcrumb.
HOME = frozenset(
    fold(name)
    for name in (
        "home", "homepage", "home page", "front page", "you are here", "start", "startseite", "sie sind hier",
        "page d'accueil", "accueil", "vous êtes ici", "inicio", "portada",
        "página inicial", "início", "home page", "pagina iniziale", "hoofdpagina", "hem", "startsida", "forside",
        "hjem", "etusivu", "koti", "strona główna", "úvod", "domů",
        "domov", "kezdőlap", "főoldal", "címlap", "acasă", "prima pagină", "početna", "naslovna", "начало", "главная",
        "главная страница", "головна", "почетна", "насловна", "αρχική",
        "ana sayfa", "anasayfa", "haberler", "الرئيسية", "الصفحة الرئيسية", "صفحه اصلی", "خانه", "صفحۂ اول", "ראשי",
        "דף הבית", "होम", "मुख्य पृष्ठ", "হোম", "প্রচ্ছদ", "முகப்பு", "首页", "首頁", "主页",
        "当前位置", "您的位置", "ホーム", "トップ", "トップページ", "홈", "หน้าแรก", "trang chủ", "beranda",
        "laman utama", "nyumbani",
        "mwanzo", "tuis", "blwyf",
    )
)  # fmt: skip


def choose(facts: Facts, lines: Sequence[Line], title: int, headline: str) -> Said:
    """Return the section and how it was found."""
    for method in ("jsonld", "opengraph", "meta", "microdata"):
        for said in facts.sections:
            if said.method == method and _is_name(said.value, headline):
                return Said(said.value, method)
    if name := breadcrumb(lines, title, headline):
        return Said(name, "rule")
    names = [
        said.value for said in facts.sections if said.method == "jsonld-breadcrumb" and _is_name(said.value, headline)
    ]
    return Said(names[0], "jsonld") if names else Said("", "")


def breadcrumb(lines: Sequence[Line], title: int, headline: str) -> str:
    """Return the last part of the breadcrumb above the headline that is not the headline itself."""
    end = title if title >= 0 else min(len(lines), ABOVE)
    for line in reversed(lines[max(0, end - ABOVE) : end]):
        if len(line.text) > 200:
            continue
        parts = [part for part in ARROW.split(line.text) if part]
        if len(parts) < 2:
            parts = [part for part in SLASH.split(line.text) if part]
            if len(parts) < 2 or fold(parts[0]) not in HOME:
                continue
        if not (fold(parts[0]) in HOME or line.linked):
            continue
        names = [part for part in parts if fold(part) not in HOME and _is_name(part, headline)]
        linked = {fold(text_of(link)) for link in line.node.iter("a")}
        if len(names) > 1 and fold(names[-1]) not in linked and fold(names[-2]) in linked:
            names.pop()  # the last part without a link is the page itself: "Article", "正文"
        if names and len(parts) <= 8:
            return names[-1]
    return ""


def _is_name(text: str, headline: str) -> bool:
    return (
        0 < len(text) <= MAX_NAME
        and not text.startswith(("http://", "https://"))
        and fold(text) != fold(headline)
        and fold(text) not in HOME
    )
