from __future__ import annotations

import pytest

from .pages import PARAGRAPHS, TITLE, article, html, run

LONG = tuple(f"{one[:-1]}, says report {n}." for n in range(8) for one in PARAGRAPHS)

WALLS = {
    "en": "Subscribe to continue reading",
    "en-only": "This article is for subscribers only",
    "de": "Sie möchten weiterlesen? Jetzt Zugang sichern",
    "fr": "La suite est réservée aux abonnés",
    "fr-rest": "Il vous reste 75.2% de cet article à lire",
    "es": "Contenido exclusivo para suscriptores",
    "pt": "Conteúdo exclusivo para assinantes",
    "it": "Contenuto riservato agli abbonati",
    "nl": "Dit artikel is alleen voor abonnees",
    "sv": "Artikeln är endast för prenumeranter",
    "nb": "Kun for abonnenter",
    "fi": "Vain tilaajille",
    "pl": "Pozostało jeszcze 89% artykułu",
    "cs": "Článek je pouze pro předplatitele",
    "ru": "Материал доступен только по подписке: только для подписчиков",
    "tr": "Bu haber sadece aboneler içindir",
    "ar": "هذا المقال للمشتركين فقط",
    "ja": "この記事は会員限定です。",
    "zh": "订阅后继续阅读全文",
    "ko": "이 기사는 구독자 전용입니다",
}


def walled(markup: str, **known: str) -> bool:
    return article(markup, **known).paywalled


@pytest.mark.parametrize("line", WALLS.values(), ids=WALLS)
def test_short_text_above_a_wall(line: str) -> None:
    assert walled(html().replace("</article>", f"<div><p>{line}</p></div></article>"))
    assert line not in article(html().replace("</article>", f"<div class='wall'><p>{line}</p></div></article>")).text


def test_long_text_needs_the_markup_too() -> None:
    wall = "<div{}><p>Subscribe to continue reading</p></div></article>"
    assert walled(html(paragraphs=LONG).replace("</article>", wall.format(" class='paywall-box'")))
    assert not walled(html(paragraphs=LONG).replace("</article>", wall.format("")))


@pytest.mark.parametrize(
    ("free", "expected"), [("false", True), ('"False"', True), ("true", False)], ids=["no", "no as text", "yes"]
)
def test_structured_data_has_the_last_word(free: str, expected: bool) -> None:
    ld = f'<script type="application/ld+json">{{"@type":"NewsArticle","isAccessibleForFree":{free}}}</script>'
    page = html("", ld).replace("</article>", "<p>Subscribe to continue reading</p></article>")
    assert walled(page) is expected


@pytest.mark.parametrize(("tier", "expected"), [("locked", True), ("free", False), ("metered", False)])
def test_content_tier(tier: str, expected: bool) -> None:
    assert walled(html("", f'<meta property="article:content_tier" content="{tier}">')) is expected


def test_class_without_a_word_is_none() -> None:
    page = html("<div class='paywall'></div>").replace("<p>", "<p class='paywall'>")
    assert not walled(page)


def test_article_about_walls() -> None:
    text = (
        *PARAGRAPHS[:2],
        "The paper said that the series would be for subscribers only from June on.",
        *PARAGRAPHS[2:],
    )
    assert not walled(html(paragraphs=text))


class TestShells:
    @pytest.mark.parametrize(
        "head",
        [
            '<meta property="og:type" content="video.other">',
            '<script type="application/ld+json">{"@type":"VideoObject","headline":"x","uploadDate":"2024-05-02"}</script>',
        ],
    )
    def test_video(self, head: str) -> None:
        found = run(html("<div class='player'></div>", head, paragraphs=PARAGRAPHS[:1]))
        assert getattr(found, "reason", "") == "a video without an article"
        assert article(html("<div class='player'></div>", head)).title == TITLE

    @pytest.mark.parametrize(
        "words",
        [
            "Wir und unsere Partner verwenden Cookies. Sie können alle akzeptieren oder Ihre Auswahl treffen.",
            "Nous et nos partenaires utilisons des cookies. Vous pouvez tout accepter ou choisir vos préférences.",
            "Utilizamos cookies para mejorar su experiencia. Puede aceptar y continuar o configurar sus opciones.",
            "Vi bruker informasjonskapsler på disse sidene. Du kan godta alle eller velge hva du vil dele med oss.",
            "Мы используем файлы cookie, чтобы сайт работал лучше. Вы можете принять все или настроить выбор сами.",
            "Please sign in. You have to be registered to see this page; please log in or create an account first.",
        ],
    )
    def test_consent_and_login(self, words: str) -> None:
        found = run(html(title="Welcome to the site", paragraphs=(words,)))
        assert "a wall" in getattr(found, "reason", "")


class TestLive:
    HEAD = '<script type="application/ld+json">{"@type":"LiveBlogPosting","headline":"x"}</script>'
    ENTRIES = (
        "<p>2 May 2024, 10:00</p><p>Everything about the reopening of the bridge, hour by hour, from the banks of the river.</p>"
        + "".join(
            f'<div class="entry"><div><time datetime="2024-05-02T{hour}:05Z">{hour}:05</time></div><p>{one}</p></div>'
            for hour, one in zip((18, 17, 16, 15), PARAGRAPHS, strict=True)
        )
    )

    def test_times_stay_with_their_entries(self) -> None:
        lines = article(html(self.ENTRIES, self.HEAD, paragraphs=())).text.split("\n")
        assert lines[1:] == [
            "18:05",
            PARAGRAPHS[0],
            "17:05",
            PARAGRAPHS[1],
            "16:05",
            PARAGRAPHS[2],
            "15:05",
            PARAGRAPHS[3],
        ]

    def test_not_in_other_articles(self) -> None:
        assert "2 May 2024" not in article(html(self.ENTRIES, paragraphs=())).text
