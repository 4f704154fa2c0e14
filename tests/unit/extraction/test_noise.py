from __future__ import annotations

import pytest

from crawler.extraction.noise import Kind, kind_of

LINES = [
    ("fr", Kind.UPDATED, "Dernière mise à jour à 10h25 le 23/07"), ("en", Kind.UPDATED, "Last updated: 12 March 2024 at 10:25"),
    ("de", Kind.UPDATED, "Zuletzt aktualisiert am 12.03.2024"), ("ru", Kind.UPDATED, "Обновлено 12.03.2024 в 10:25"),
    ("zh", Kind.UPDATED, "最后更新：2024-03-12 10:25"), ("ar", Kind.UPDATED, "آخر تحديث: 12/03/2024"), ("ja", Kind.UPDATED, "更新日時 2024年3月12日"),
    ("fr", Kind.SHARE, "Partagez cet article sur :"), ("en", Kind.SHARE, "Share this article"), ("de", Kind.SHARE, "Artikel teilen"),
    ("es", Kind.SHARE, "Compartir"), ("ru", Kind.SHARE, "Поделиться"), ("zh", Kind.SHARE, "分享到："), ("ar", Kind.SHARE, "شارك هذا"),
    ("ko", Kind.SHARE, "공유"), ("tr", Kind.SHARE, "Paylaş"), ("pt", Kind.SHARE, "Compartilhe:"),
    ("fr", Kind.COMMENT, "Votre pseudo"), ("en", Kind.COMMENT, "Leave a comment"), ("de", Kind.COMMENT, "Kommentare (12)"),
    ("ru", Kind.COMMENT, "Оставить комментарий"), ("zh", Kind.COMMENT, "我要评论"), ("ar", Kind.COMMENT, "أضف تعليق"), ("ja", Kind.COMMENT, "お名前"),
    ("es", Kind.COMMENT, "Comentarios"), ("fr", Kind.RELATED, "Conseils de la rédaction :"), ("en", Kind.RELATED, "Read also: Ferries to stop in June"),
    ("de", Kind.RELATED, "Lesen Sie auch"), ("es", Kind.RELATED, "Lee también:"), ("ru", Kind.RELATED, "Читайте также:"), ("zh", Kind.RELATED, "相关新闻"),
    ("zh", Kind.RELATED, "编辑推荐："), ("ar", Kind.RELATED, "اقرأ أيضا"), ("ja", Kind.RELATED, "関連記事"), ("ko", Kind.RELATED, "관련기사"),
    ("hi", Kind.RELATED, "यह भी पढ़ें:"), ("bn", Kind.RELATED, "আরও পড়ুন"), ("id", Kind.RELATED, "Baca juga:"), ("vi", Kind.RELATED, "Tin liên quan"),
    ("tr", Kind.RELATED, "İlgili Haberler"), ("pl", Kind.RELATED, "Czytaj też:"), ("it", Kind.RELATED, "Leggi anche:"), ("pt", Kind.RELATED, "Leia também:"),
    ("en", Kind.TAGS, "Tags: harbour, bridge"), ("ru", Kind.TAGS, "Теги: мост"), ("zh", Kind.TAGS, "关键词：大桥"),
    ("en", Kind.COPYRIGHT, "© 2024 The Example. All rights reserved."), ("en", Kind.PICTURE, "Photo: Anna Muster"), ("de", Kind.PICTURE, "Foto: Anna Muster"),
    ("en", Kind.PROMOTION, "Advertisement"), ("de", Kind.PROMOTION, "Anzeige"), ("en", Kind.PROMOTION, "3 min read"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "line"), [case[1:] for case in LINES], ids=[f"{case[0]}-{case[1]}-{case[2][:12]}" for case in LINES]
)
def test_noise(kind: Kind, line: str) -> None:
    assert kind_of(line) is kind


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell on Monday.",
        "Related industries will suffer, he said.",
        "Updated plans for the bridge were shown to 40 residents.",
        "Partagez votre repas avec vos voisins, disait le maire.",
        "Comments by the mayor were not available.",
        "Print media are in crisis, according to the union.",
        "Kommentare zu der Entscheidung gab es am Freitag nicht.",
        "Отметим, что мост открыт.",
        "What it cost",
        "Subscribe to nothing, believe nobody, was his advice to students of the trade in the days of paper.",
    ],
)
def test_text(line: str) -> None:
    assert kind_of(line) is Kind.TEXT
