from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.discovery.entry import Entry
from crawler.extraction.moments import parse_machine, zone_named
from crawler.extraction.rules import Rules

from .pages import TITLE, URL, article, html

MACHINE = [
    ("iso-z", "2024-04-24T14:05:00Z", "UTC", "2024-04-24T14:05:00Z"),
    ("iso-offset", "2024-04-24T14:05:00+02:00", "UTC", "2024-04-24T12:05:00Z"),
    ("iso-offset-short", "2024-04-24T14:05:00+0200", "UTC", "2024-04-24T12:05:00Z"),
    ("iso-fraction", "2024-04-24T14:05:00.123456Z", "UTC", "2024-04-24T14:05:00Z"),
    ("iso-zoneless", "2024-04-24T14:05:00", "Asia/Shanghai", "2024-04-24T06:05:00Z"),
    ("iso-space", "2024-04-24 14:05", "Europe/Berlin", "2024-04-24T12:05:00Z"),
    ("iso-no-seconds", "2024-04-24T14:05+05:30", "UTC", "2024-04-24T08:35:00Z"),
    ("day", "2024-04-24", "UTC", "2024-04-24"),
    ("compact", "20240424", "UTC", "2024-04-24"),
    ("slashes", "2024/04/24 14:05:00", "UTC", "2024-04-24T14:05:00Z"),
    ("rfc2822", "Wed, 24 Apr 2024 14:05:00 +0200", "UTC", "2024-04-24T12:05:00Z"),
    ("rfc2822-name", "Wed, 24 Apr 2024 14:05:00 GMT", "UTC", "2024-04-24T14:05:00Z"),
    ("javascript", "Wed Apr 24 2024 14:05:00 GMT+0200 (CEST)", "UTC", "2024-04-24T12:05:00Z"),
    ("unix-date", "Fri Apr 28 19:20:36 CEST 2023", "UTC", "2023-04-28T17:20:36Z"),
    ("epoch", "1713967500", "UTC", "2024-04-24T14:05:00Z"),
    ("epoch-ms", "1713967500000", "UTC", "2024-04-24T14:05:00Z"),
    ("am-pm", "2024-04-24 02:05:00 PM", "UTC", "2024-04-24T14:05:00Z"),
    ("single-digits", "2024-4-2 9:05:00", "UTC", "2024-04-02T09:05:00Z"),
    ("comma", "2024-04-24, 14:05", "UTC", "2024-04-24T14:05:00Z"),
    ("compact-time", "20240424140500", "UTC", "2024-04-24T14:05:00Z"),
    ("compact-z", "20240424T140500Z", "Asia/Tokyo", "2024-04-24T14:05:00Z"),
    ("zone-name", "2024-04-24T14:05:00 Europe/Berlin", "UTC", "2024-04-24T12:05:00Z"),
    ("utc-word", "2024-04-24 14:05:00 UTC", "Asia/Tokyo", "2024-04-24T14:05:00Z"),
    ("rfc2822-ist", "Wed, 24 Apr 2024 14:05:00 IST", "UTC", "2024-04-24T08:35:00Z"),
    ("rfc2822-ist-dublin", "Wed, 24 Apr 2024 14:05:00 IST", "Europe/Dublin", "2024-04-24T13:05:00Z"),
    ("rfc2822-bst", "Wed, 24 Apr 2024 14:05:00 BST", "UTC", "2024-04-24T13:05:00Z"),
]
BROKEN = [
    "0000-00-00",
    "0000-00-00T00:00:00",
    "2024-13-45",
    "2024-02-30T10:00:00Z",
    "2024-04-24T25:61:00Z",
    "2024-04-24T10:00:00+99:99x",
    "yesterday",
    "",
    "9" * 400,
]


@pytest.mark.parametrize(("value", "zone", "text"), [case[1:] for case in MACHINE], ids=[case[0] for case in MACHINE])
def test_machine(value: str, zone: str, text: str) -> None:
    found = parse_machine(value, zone_named(zone))
    assert found is not None
    assert found.text == text
    assert found.raw == value


@pytest.mark.parametrize("value", BROKEN)
def test_broken_machine(value: str) -> None:
    assert parse_machine(value, UTC) is None


def test_unknown_zone_is_utc() -> None:
    assert zone_named("Mars/Olympus") is UTC


def ld(**fields: str) -> str:
    inside = "".join(f',"{key}":"{value}"' for key, value in fields.items())
    return f'<script type="application/ld+json">{{"@type":"NewsArticle"{inside}}}</script>'


class TestWitnesses:
    def test_jsonld_before_meta(self) -> None:
        meta = '<meta property="article:published_time" content="2024-05-02T10:00:00Z">'
        draft = article(html("", meta + ld(datePublished="2024-05-01T10:00:00+02:00")))
        assert draft.published_at == "2024-05-01T08:00:00Z"
        assert draft.published_raw == "2024-05-01T10:00:00+02:00"
        assert draft.provenance["published_at"] == "jsonld"

    def test_meta_before_line(self) -> None:
        meta = '<meta property="article:published_time" content="2024-05-02T10:00:00Z">'
        draft = article(html("<p>1 May 2024, 08:00</p>", meta))
        assert (draft.published_at, draft.provenance["published_at"]) == ("2024-05-02T10:00:00Z", "opengraph")

    def test_time_element(self) -> None:
        draft = article(html('<time datetime="2024-05-02T10:00:00Z">2 May</time>'))
        assert (draft.published_at, draft.provenance["published_at"]) == ("2024-05-02T10:00:00Z", "time")

    def test_line_in_the_zone_of_the_source(self) -> None:
        draft = article(html("<p>2 May 2024, 10:00</p>"), timezone="Asia/Kolkata")
        assert draft.published_at == "2024-05-02T04:30:00Z"
        assert draft.published_raw == "2 May 2024, 10:00"
        assert draft.provenance["published_at"] == "rule"

    @pytest.mark.parametrize(
        ("stamp", "published"),
        [
            ("2024-05-01T10:00:30+02:00", "2024-05-01T08:00:30Z"),
            ("2024-05-01T08:00:30Z", "2024-05-01T08:00:30Z"),
            ("2024-05-01T10:00+05:45", "2024-05-01T04:15:00Z"),
            ("2024-05-01T10:07:30+02:00", "2024-05-01T10:00:30Z"),
            ("2024-05-02T10:00:30+02:00", "2024-05-01T10:00:30Z"),
        ],
        ids=["same clock", "in UTC", "without seconds", "another time", "another day"],
    )
    def test_zone_of_another_witness(self, stamp: str, published: str) -> None:
        meta = f'<meta property="article:published_time" content="{stamp}">'
        assert article(html("", meta + ld(datePublished="2024-05-01T10:00:30"))).published_at == published
        shown = f'<time datetime="{stamp}">1 May</time>'
        assert article(html(shown, ld(datePublished="2024-05-01T10:00:30"))).published_at == published

    @pytest.mark.parametrize(
        "value", ["May 1, 2024 10:00 AM", "1 May 2024 10:00", "01.05.2024 10:00", "2024年5月1日 10:00", "01/05/2024 10:00"]
    )
    def test_field_written_for_people(self, value: str) -> None:
        draft = article(html("", ld(datePublished=value)))
        assert (draft.published_at, draft.provenance["published_at"]) == ("2024-05-01T10:00:00Z", "jsonld")

    def test_time_in_a_link_to_another_page_is_that_ones(self) -> None:
        teaser = '<a href="/world/ferries"><time datetime="2024-04-01T08:00:00Z">1 April</time> Ferries stop</a>'
        own = f'<a href="{URL}"><time datetime="2024-05-01T10:00:30Z">1 May</time></a>'
        assert article(html(f"<div>{teaser}</div><div>{own}</div>")).published_at == "2024-05-01T10:00:30Z"

    @pytest.mark.parametrize("mark", ["pubdate", 'class="entry-published"', 'itemprop="datePublished"'])
    def test_time_that_is_marked_as_the_publication(self, mark: str) -> None:
        body = f'<time datetime="2024-05-20T10:00:30Z">20 May</time><time {mark} datetime="2024-05-01T10:00:30Z">1 May</time>'
        assert article(html(f"<div>{body}</div>")).published_at == "2024-05-01T10:00:30Z"

    def test_day_gives_way_to_the_time_of_that_day(self) -> None:
        draft = article(html("<p>Published 2 May 2024, 10:15</p>", ld(datePublished="2024-05-02")))
        assert draft.published_at == "2024-05-02T10:15:00Z"

    def test_midnight_gives_way_to_the_time_of_that_day(self) -> None:
        draft = article(html("<p>Published 2 May 2024, 10:15</p>", ld(datePublished="2024-05-02T00:00:00Z")))
        assert draft.published_at == "2024-05-02T10:15:00Z"

    def test_day_stays_a_day_when_the_line_is_of_another(self) -> None:
        draft = article(html("<p>Published 7 May 2024, 10:15</p>", ld(datePublished="2024-05-02")))
        assert draft.published_at == "2024-05-02"

    def test_feed_as_witness_for_a_day(self) -> None:
        hint = Entry(url=URL, published=datetime(2024, 5, 2, 10, 15, tzinfo=UTC))
        draft = article(html("", ld(datePublished="2024-05-02")), hint=hint)
        assert (draft.published_at, draft.provenance["published_at"]) == ("2024-05-02T10:15:00Z", "feed")

    def test_feed_when_the_page_says_nothing(self) -> None:
        draft = article(html(), hint=Entry(url=URL, published=datetime(2024, 5, 2, 10, 15, tzinfo=UTC)))
        assert (draft.published_at, draft.published_raw) == ("2024-05-02T10:15:00Z", "")

    def test_region_of_the_page_decides_which_is_the_month(self) -> None:
        assert article(html("<p>5/2/2024 10:00</p>")).published_at == "2024-02-05T10:00:00Z"
        us = '<meta property="og:locale" content="en_US">'
        assert article(html("<p>5/2/2024 10:00</p>", us)).published_at == "2024-05-02T10:00:00Z"

    def test_url_when_nobody_says_anything(self) -> None:
        draft = article(html(), url="https://news.example.org/2024/05/02/harbour-bridge")
        assert (draft.published_at, draft.provenance["published_at"]) == ("2024-05-02", "url")

    def test_rule_of_the_source_comes_first(self) -> None:
        page = html('<p class="when">2 May 2024, 10:00</p>', ld(datePublished="2024-04-01T10:00:00Z"))
        draft = article(page, rules=Rules(published=".when"))
        assert (draft.published_at, draft.provenance["published_at"]) == ("2024-05-02T10:00:00Z", "rule")


class TestWhatIsNoDate:
    @pytest.mark.parametrize(
        "banner",
        [
            "Last updated 31 May 2024, 10:25",
            "Dernière mise à jour le 31.05.2024 10h25",
            "Обновлено: 31.05.2024, 10:25",
            "最后更新：2024-05-31 10:25",
            "آخر تحديث: 31/05/2024 10:25",
        ],
    )
    def test_update_banner(self, banner: str) -> None:
        draft = article(html(f"<p>{banner}</p><p>2 May 2024, 10:00</p>"))
        assert draft.published_at == "2024-05-02T10:00:00Z"
        assert draft.modified_at == "2024-05-31T10:25:00Z"
        assert "10:25" not in draft.text
        assert "10h25" not in draft.text

    def test_masthead(self) -> None:
        page = html("<p>2 May 2024, 10:00</p>").replace("<body>", "<body><div>Saturday, 1 June 2024</div>")
        assert article(page).published_at == "2024-05-02T10:00:00Z"

    def test_masthead_alone(self) -> None:
        page = html().replace("<body>", "<body><div>Saturday, 1 June 2024</div>")
        assert article(page).published_at == ""

    def test_future(self) -> None:
        draft = article(html("<p>2 May 2024, 10:00</p>", ld(datePublished="2031-01-01T10:00:00Z")))
        assert draft.published_at == "2024-05-02T10:00:00Z"

    def test_a_little_ahead_is_only_clock_skew(self) -> None:
        assert article(html("", ld(datePublished="2024-06-01T12:05:00Z"))).published_at == "2024-06-01T12:05:00Z"

    def test_year_zero(self) -> None:
        assert article(html("", ld(datePublished="0000-00-00"))).published_at == ""

    def test_date_in_a_sentence(self) -> None:
        assert (
            article(
                html(
                    "<p>The barge struck the pier on 3 March 2022 at about 10:00 in the morning, in heavy fog and snow.</p>"
                )
            ).published_at
            == ""
        )

    def test_both_in_one_line(self) -> None:
        draft = article(html("<p>Published: 2 May 2024 10:00 | Updated: 3 May 2024 11:00</p>"))
        assert (draft.published_at, draft.modified_at) == ("2024-05-02T10:00:00Z", "2024-05-03T11:00:00Z")

    def test_modified_before_published_is_dropped(self) -> None:
        draft = article(html("", ld(datePublished="2024-05-02T10:00:00Z", dateModified="2024-05-01T10:00:00Z")))
        assert (draft.published_at, draft.modified_at) == ("2024-05-02T10:00:00Z", "")


class TestBehindTheHeadline:
    def test_last_witness(self) -> None:
        draft = article(html("", f'<meta property="og:title" content="{TITLE} | The Example | 28.04.2023">'))
        assert (draft.published_at, draft.provenance["published_at"]) == ("2023-04-28", "opengraph")

    def test_not_before_a_visible_line(self) -> None:
        head = f'<meta property="og:title" content="{TITLE} | 28.04.2023">'
        assert article(html("<p>2 May 2024, 10:00</p>", head)).published_at == "2024-05-02T10:00:00Z"

    def test_date_in_the_headline_is_none(self) -> None:
        assert article(html("", f'<meta property="og:title" content="{TITLE} - what we know on 28.04.2023">')).published_at == ""


CARD = "<div class='x'><h3><a href='/world/ferry'>The ferry stops in June, after two years</a></h3><time datetime='2024-03-01T08:00:00Z'>1 March</time></div>"


def test_the_time_of_a_card_dates_what_the_card_leads_to() -> None:
    page = html(body="<p>24 April 2024, 14:05 GMT</p>").replace("<article>", f"{CARD}<article>")
    assert article(page).published_at == "2024-04-24T14:05:00Z"
    assert article(html().replace("<article>", f"{CARD}<article>")).published_at == ""


def test_the_time_beside_a_headline_that_links_to_itself_is_its_own() -> None:
    own = f"<h2><a href='{URL}'>{TITLE}</a></h2><time datetime='2024-04-24T14:05:00Z'>24 April</time>"
    page = html(body=own).replace(f"<h1>{TITLE}</h1>", "")
    assert article(page).published_at == "2024-04-24T14:05:00Z"


CHANGED = {
    "Published: 24 April 2024 14:05 | Updated: 16:30": ("Europe/London", "2024-04-24T15:30:00Z"),
    "24.04.2024, 14:05 Uhr, aktualisiert 16:30 Uhr": ("Europe/Berlin", "2024-04-24T14:30:00Z"),
    "24.04.2024, 14:05 Uhr</p><p>Aktualisiert um 16.30 Uhr": ("Europe/Berlin", "2024-04-24T14:30:00Z"),
    '<time datetime="2024-04-24T14:05:00+02:00">24.04.2024</time></p><p>Stand: 16:30': ("Europe/Berlin", "2024-04-24T14:30:00Z"),
    "Publié le 24 avril 2024 à 14h05, mis à jour à 16h30": ("Europe/Paris", "2024-04-24T14:30:00Z"),
    "24 de abril de 2024 14:05 - Actualizado 16:30 h": ("Europe/Madrid", "2024-04-24T14:30:00Z"),
    "24.04.2024 14:05 Päivitetty klo 16.30": ("Europe/Helsinki", "2024-04-24T13:30:00Z"),
    "24 апреля 2024, 14:05 (обновлено: 16:30)": ("Europe/Moscow", "2024-04-24T13:30:00Z"),
    "Giriş: 24.04.2024 14:05 Güncelleme: 16:30": ("Europe/Istanbul", "2024-04-24T13:30:00Z"),
    "نشر في 24 أبريل 2024 14:05 | آخر تحديث: 16:30": ("Asia/Riyadh", "2024-04-24T13:30:00Z"),
    "Published: 24 April 2024 14:05 IST | Last Updated : 04:30 PM IST": ("Asia/Kolkata", "2024-04-24T11:00:00Z"),
    "24 เม.ย. 2567 14:05 น. อัปเดต 16:30 น.": ("Asia/Bangkok", "2024-04-24T09:30:00Z"),
    "2024年4月24日 14:05 更新：16:30": ("Asia/Tokyo", "2024-04-24T07:30:00Z"),
    "입력 2024.04.24 14:05 수정 16:30": ("Asia/Seoul", "2024-04-24T07:30:00Z"),
    "Published: 24 April 2024 14:05 | Updated: 09:30": ("Europe/London", ""),
    "Publié le 24 avril 2024 à 14h05 | mis à jour à 16h30 le 25/04": ("Europe/Paris", ""),
}


@pytest.mark.parametrize("line", CHANGED)
def test_change_without_a_day(line: str) -> None:
    zone, modified = CHANGED[line]
    draft = article(html(f"<p>{line}</p>"), timezone=zone)
    at_five_past_two = datetime(2024, 4, 24, 14, 5, tzinfo=zone_named(zone)).astimezone(UTC)
    assert (draft.published_at, draft.modified_at) == (at_five_past_two.strftime("%Y-%m-%dT%H:%M:%SZ"), modified)


def test_clock_of_a_change_is_not_that_of_publication() -> None:
    draft = article(html("<p>24 April 2024, updated at 4:30 pm</p>"), timezone="Europe/London")
    assert (draft.published_at, draft.modified_at) == ("2024-04-24", "2024-04-24T15:30:00Z")


def test_banner_of_the_site_is_no_change() -> None:
    banner = "<div>Last updated at 16:30</div>"
    page = html("<p>24 April 2024 14:05</p>").replace("<body>", f"<body>{banner}")
    assert article(page, timezone="Europe/London").modified_at == ""
