"""Threads of readers' comments are told by their make, whatever they are called, and entries of the text are not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from .pages import article
from .test_captions import TEXTS
from .test_short_paragraphs import TITLES

Comment = tuple[str, str, str]  # who, when, what
COMMENTS: dict[str, tuple[Comment, ...]] = {
    "en": (
        ("Bramble42", "2 hours ago", "I drove over it this morning and it took me seven minutes instead of forty, so well done to everybody."),
        ("Jo from the hill", "1 June 2024, 09:12", "A third more than planned! And who pays? We do, as always, and nobody asks us."),
        ("old_ferryman", "1 June 2024, 10:40", "Keep the ferries."),
    ),
    "zh": (
        ("小河边", "2024-06-01 09:12", "今天早上开车过桥只用了七分钟，以前要四十分钟，感谢所有参加维修的工人师傅们，辛苦了。"),
        ("老渡工", "2024-06-01 10:40", "比计划多花了三分之一的钱，最后还不是我们纳税人来付，希望以后预算做得更仔细一些。"),
        ("北山人", "3小时前", "渡轮不要停。"),
    ),
    "ar": (
        ("سالم", "منذ 3 ساعات", "عبرت الجسر هذا الصباح ولم يستغرق الأمر سوى سبع دقائق بدلا من أربعين دقيقة فشكرا لكل من شارك في العمل."),
        ("بنت الميناء", "01/06/2024 09:12", "زيادة الثلث على الخطة كبيرة جدا ومن الذي سيدفع في النهاية غير أهل المدينة كما هي العادة دائما."),
        ("أبو علي", "01/06/2024 10:40", "لا توقفوا العبارات."),
    ),
    "ja": (
        ("港の猫", "2024年6月1日 09:12", "今朝この橋を渡ったら七分で着きました。前は四十分かかっていたので本当に助かります。工事の皆さんに感謝です。"),
        ("渡し守", "2024年6月1日 10:40", "計画より三割も高いなんて、結局払うのは私たち市民ですよね。次からはもっとしっかり計画してほしいものです。"),
        ("北山", "3時間前", "渡し船も残して。"),
    ),
}  # fmt: skip


def _avatars(comments: Sequence[Comment]) -> str:
    entries = "".join(
        f"<div class=q7><img src=/a/{at}.png width=32><div><b>{who}</b> <span>{when}</span></div><p>{what}</p>"
        f"<button>Reply</button><button>+{at}</button></div>"
        for at, (who, when, what) in enumerate(comments)
    )
    return (
        f"<div class=q5><h3>{len(comments)}</h3>{entries}<form><textarea></textarea><button>Send</button></form></div>"
    )


def _items(comments: Sequence[Comment]) -> str:
    entries = "".join(
        f"<li><div><strong>{who}</strong></div><time>{when}</time><p>{what}</p></li>" for who, when, what in comments
    )
    return f"<section><ol>{entries}</ol></section>"


def _definitions(comments: Sequence[Comment]) -> str:
    return "<dl>" + "".join(f"<dt>{who}, {when}</dt><dd>{what}</dd>" for who, when, what in comments) + "</dl>"


def _plain(comments: Sequence[Comment]) -> str:
    entries = "".join(
        f"<div class=row><p>{who}</p><p>{when}</p><p>{what}</p><a href='#'>↩ 0</a></div>"
        for who, when, what in comments
    )
    return f"<div>{entries}</div>"


def _nested(comments: Sequence[Comment]) -> str:
    first, *others = comments
    answers = "".join(
        f"<li><a href=/u/1>{who}</a><span> {when}</span><div>{what}</div></li>" for who, when, what in others
    )
    return (
        f"<ul><li><a href=/u/0>{first[0]}</a><span> {first[1]}</span><div>{first[2]}</div><ul>{answers}</ul></li></ul>"
    )


def _signed_below(comments: Sequence[Comment]) -> str:
    return "".join(f"<div class=g1><p>{what}</p><p>{who} · {when}</p></div>" for who, when, what in comments)


THREADS = [_avatars, _items, _definitions, _plain, _nested, _signed_below]


def _page(lang: str, content: str) -> str:
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{TITLES[lang]}</title>'
        f'<meta property="og:type" content="article"></head><body>{content}</body></html>'
    )


@pytest.mark.parametrize("place", ["in the article", "below it", "in the block of the text"])
@pytest.mark.parametrize("thread", THREADS)
@pytest.mark.parametrize("lang", COMMENTS)
def test_a_thread_is_not_text(lang: str, thread: Callable[[Sequence[Comment]], str], place: str) -> None:
    texts, comments = TEXTS[lang], thread(COMMENTS[lang])
    body = "".join(f"<p>{text}</p>" for text in texts)
    head = f"<h1>{TITLES[lang]}</h1>"
    content = {
        "in the article": f"<article>{head}<div class=text>{body}</div>{comments}</article>",
        "below it": f"<main><article>{head}{body}</article><div class=below>{comments}</div></main>",
        "in the block of the text": f"<article>{head}<div class=text>{body}{comments}</div></article>",
    }[place]
    assert article(_page(lang, content)).text.split("\n") == list(texts)


SAID = (
    "The first train over the bridge left the station with forty people on board, all of them in good spirits.",
    "Divers brought up the last part of the wreck and took it to the museum, where it is going to be dried.",
    "The port authority closed the road for an hour because of the wind, and then opened one of the lanes again.",
)
KEPT = {
    "times first": (
        "".join(f"<div class=e><time>1{n}:05</time><b>Report {n}</b><p>{text}</p></div>" for n, text in enumerate(SAID)),
        SAID,
    ),
    "people with their ages": (
        "".join(
            f"<div class=v id=v{n}><p><b>{who}</b></p><p>{text} I saw it myself.</p></div>"
            for n, (who, text) in enumerate(zip(("Ada, 34", "Ben, 71", "Cem, 19"), SAID, strict=True))
        ),
        tuple(f"{text} I saw it myself." for text in SAID),
    ),
    "quotations with name and date": (
        "".join(
            f"<blockquote><p>{text}</p><p>{who}, 12 May 2024</p></blockquote>"
            for who, text in zip(("Ada Muster", "Ben Beispiel", "Cem Example"), SAID, strict=True)
        ),
        SAID,
    ),
    "boxes between the paragraphs": (
        "".join(
            f"<div class=b><b>{who}</b> <span>3 May 2024, 11:20</span><p>{text}</p></div>"
            for who, text in zip(("Ada Muster", "Ben Beispiel", "Cem Example"), SAID, strict=True)
        )
        + f"<p>{TEXTS['en'][3]}</p>",
        SAID,
    ),
    "a story of entries": (
        "".join(
            f"<div class=b><b>{who}</b> <span>11:2{n}</span>" + "".join(f"<p>{text}</p>" for text in SAID) + "</div>"
            for n, who in enumerate(("Ada Muster", "Ben Beispiel", "Cem Example", "Dan Sample", "Eva Prova"))
        ).replace("<p>The first", "<p>Again: the first", 1),
        SAID,
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", KEPT)
def test_boxes_of_the_text_stay(shape: str) -> None:
    markup, said = KEPT[shape]
    body = "".join(f"<p>{text}</p>" for text in TEXTS["en"][:3])
    found = article(_page("en", f"<article><h1>{TITLES['en']}</h1><div class=text>{body}{markup}</div></article>"))
    assert set(said) <= set(found.text.split("\n"))
