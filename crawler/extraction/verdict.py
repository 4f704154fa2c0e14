"""Whether a page is an article at all. Conservative: a lost article is worse than a front page that is kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from .document import Document
from .furniture import cards_of
from .lines import Line
from .structured import ARTICLE_TYPES, LISTING_TYPES, Facts

SHELL = 600  # characters; an error page or a wall says less
WALLED = 0.4  # of a wall's text
CLIP = 400  # characters that a page around a video says about it
BARE = 60  # characters that even a news flash has
THIN = 250  # characters below which something else must say that this is an article
LINK_LINES = 60  # lines that are links, on a page with hardly any prose
TOGETHER = 0.5  # of the text stands in one block of an article
CARDS = 4  # teasers that make a list
IN_CARDS = 0.6  # of the lines of a list stand in teasers
LISTED = 6  # times as much linked text as prose

GONE = re.compile(
    r"\b(?:404|410)\b|page not found|not found|does not exist|no longer available|page introuvable|n['’]existe pas|"
    r"seite nicht gefunden|nicht gefunden|existiert nicht|"
    r"página no encontrada|no se encuentra|página não encontrada|pagina non trovata|pagina niet gevonden|"
    r"sidan hittades inte|siden ble ikke funnet|siden blev ikke fundet|sivua ei löyt|"
    r"nie znaleziono|stránka nenalezena|страница не найдена|сторінку не знайдено|страницата не е намерена|"
    r"σελίδα δεν βρέθηκε|sayfa bulunamadı|الصفحة غير موجودة|صفحه یافت نشد|页面不存在|页面没有找到|找不到|"
    r"ページが見つかりません|お探しのページ|페이지를 찾을 수|không tìm thấy|halaman tidak ditemukan|ไม่พบหน้า|"
    r"पृष्ठ नहीं मिला",
    re.I,
)
WALL = re.compile(
    r"enable javascript|javascript is (?:disabled|required)|checking your browser|verify you are (?:a )?human|"
    r"are you a robot|access denied|captcha|"
    r"we value your privacy|accept (?:all )?cookies|your privacy choices|manage consent|wir und unsere partner|"
    r"accept and continue|cookies akzeptieren|alle akzeptieren|tout accepter|aceptar y continuar|aceitar (?:todos|e fechar)|"
    r"accetta (?:tutti|e continua)|alles accepteren|godkänn alla|godta alle|hyväksy kaikki|zgadzam się|souhlasím|"
    r"принять все|прийняти все|αποδοχή όλων|tümünü kabul et|قبول الكل|全部接受|すべて同意|모두 동의|"
    r"mit werbung weiterlesen|zustimmen und weiter|accepter et (?:fermer|continuer)|"
    r"log in to continue|please (?:log|sign) in|bitte melden sie sich an|forgot(?:ten)? (?:your )?password|"
    r"create an account|einloggen|connectez-vous|inicia sesión|faça login|accedi per|войдите|请登录|ログインして|"
    r"로그인",
    re.I,
)


def reject(document: Document, facts: Facts, lines: Sequence[Line], text: str, title: str) -> str:
    """Return why the page is not an article; "" if it may be one."""
    size = len(text) + 2 * sum(1 for char in text if char > "\u2e80")
    claimed = (
        bool(facts.types & ARTICLE_TYPES) or "article" in document.meta("og:type").lower() or bool(facts.published)
    )
    if not title:
        return "no headline"
    if size < BARE:
        return "too little text"
    if size < SHELL and GONE.search(title) and not facts.types & ARTICLE_TYPES:
        return "says that the page was not found"
    if size < CLIP and _is_video(document, facts):
        return "a video without an article"
    if claimed:
        return ""
    if size < SHELL and _is_wall(title, text):
        return "a wall: asks for consent, scripts or a login"
    path = urlsplit(document.url).path.rstrip("/")
    if path in ("", "/index.html", "/index.htm", "/index.php"):
        return "a front page"
    if _is_listing(lines, text):
        return "a list of articles"
    linked = sum(line.linked for line in lines)
    links = sum(1 for line in lines if line.link_share > 0.8)
    if links > LINK_LINES and linked > LISTED * size and not _stands_together(lines, text):
        return "a list of links"
    if facts.types & LISTING_TYPES and links > 15 and linked > size:
        return "a list of links"
    return "too little text" if size < THIN and links > 20 and linked > 3 * size else ""


def _is_wall(title: str, text: str) -> bool:
    """Tell a wall from a news flash that mentions one: its words are the headline's, or much of the text's."""
    walled = sum(len(line) for line in text.split("\n") if WALL.search(line))
    return WALL.search(title) is not None or walled >= WALLED * len(text)


def _is_video(document: Document, facts: Facts) -> bool:
    """Tell a page around a player: it calls itself a video, and nothing on it an article."""
    if facts.types & ARTICLE_TYPES:
        return False
    return "videoobject" in facts.types or document.meta("og:type").lower().startswith("video")


def _stands_together(lines: Sequence[Line], text: str) -> bool:
    """Tell the paragraphs of an article, which stand in one block, from the teasers of a front, each in its own."""
    kept = set(text.split("\n"))
    blocks: Counter[HtmlElement | None] = Counter()
    for line in lines:
        if line.text in kept:
            blocks[line.node if line.tag in ("div", "td") else line.node.getparent()] += len(line.text)
    return bool(blocks) and max(blocks.values()) >= TOGETHER * sum(blocks.values())


def _is_listing(lines: Sequence[Line], text: str) -> bool:
    """Tell a section front: most lines of the text stand in boxes that each hold one headline with a link."""
    kept = set(text.split("\n"))
    boxes = cards_of(lines)
    shown = [at for at, line in enumerate(lines) if line.text in kept]
    cards = [boxes[at] for at in shown if at in boxes]
    return len(set(cards)) >= CARDS and len(cards) >= IN_CARDS * len(shown)
