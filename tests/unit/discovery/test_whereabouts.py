"""Whereabouts: language, country, time zone and name by votes, and how sure they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.discovery.homepage import Said
from crawler.discovery.whereabouts import Peer, Sure, language_of, name_of, offsets_in, place_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
FRENCH = "La ville inaugure un canal long de cent kilomètres après onze ans de travaux, et les bateaux reviennent enfin"
PEERS = [
    Peer("cn", "Asia/Shanghai", "fr"), Peer("cn", "Asia/Shanghai", "zh"), Peer("us", "America/New_York", "en"),
    Peer("us", "America/Chicago", "en"), Peer("us", "America/New_York", "en"), Peer("ae", "Asia/Dubai", "ar"),
    Peer("fr", "Europe/Paris", "fr"),
]  # fmt: skip


def html(tag: str) -> Said:
    return Said(tag, "<html lang>")


@pytest.mark.parametrize(
    ("said", "words", "value", "sure"),
    [
        ([html("fr-FR")], FRENCH, "fr", Sure.SURE),
        ([], FRENCH, "fr", Sure.LIKELY),
        ([html("fr_CA")], "", "fr", Sure.LIKELY),
        ([html("en")], FRENCH, "fr", Sure.LIKELY),
        ([html("pt-BR")], "", "pt-BR", Sure.LIKELY),
        ([html("zh-TW")], "", "zh-Hant", Sure.LIKELY),
        ([html("xx"), html("utf-8")], "", "und", Sure.GUESS),
    ],
    ids=["both", "read only", "said only", "a lie", "Brazil", "Taiwan", "nothing"],
)
def test_language(said: list[Said], words: str, value: str, sure: Sure) -> None:
    found = language_of(said, words)
    assert (found.value, found.sure) == (value, sure), found


@pytest.mark.parametrize(
    ("home", "locales", "countries", "language", "offsets", "country", "zone", "sure"),
    [
        ("https://www.paper.fr/", [], [], "fr", [120], "fr", "Europe/Paris", Sure.SURE),
        ("https://www.paper.co.uk/", [html("en-US")], [], "en", [], "gb", "Europe/London", Sure.SURE),
        ("https://paper.com/", [html("de-AT")], [], "de", [], "at", "Europe/Vienna", Sure.LIKELY),
        ("https://paper.com/", [], [Said("Kenya", "its address")], "en", [], "ke", "Africa/Nairobi", Sure.LIKELY),
        ("https://paper.com/", [], [], "ja", [], "jp", "Asia/Tokyo", Sure.LIKELY),
        ("https://paper.com/", [], [], "en", [-300, -240], "us", "America/New_York", Sure.GUESS),
        ("https://paper.com/", [], [], "en", [-360, -300], "us", "America/New_York", Sure.GUESS),
        ("https://paper.com/", [], [], "fr", [480], "cn", "Asia/Shanghai", Sure.GUESS),
        ("https://paper.com/", [], [], "ar", [240], "ae", "Asia/Dubai", Sure.GUESS),
        ("https://paper.tv/", [], [], "", [], "zz", "UTC", Sure.GUESS),
    ],
    ids=["the address", "not the default locale", "the locale", "its JSON-LD", "the language", "the clock agrees",
         "the most usual zone", "the clock speaks against France", "and against Egypt", "nothing"],
)  # fmt: skip
def test_country_and_zone(
    home: str,
    locales: list[Said],
    countries: list[Said],
    language: str,
    offsets: list[int],
    country: str,
    zone: str,
    sure: Sure,
) -> None:
    where, clock = place_of(home, locales, countries, language, offsets, PEERS, NOW)
    assert (where.value, clock.value, where.sure) == (country, zone, sure), (where, clock)


def test_an_unknown_language_says_nothing_of_the_country() -> None:
    where, clock = place_of("https://paper.com/", [], [], "und", [], PEERS, NOW)
    assert (where.value, clock.value, where.sure) == ("zz", "UTC", Sure.GUESS)


def test_the_clock_chooses_among_the_zones_of_a_country() -> None:
    where, clock = place_of("https://paper.us/", [], [], "en", [-360, -300, -360], [], NOW)
    assert where.value == "us" and clock.sure is Sure.SURE
    assert "-06:00" in clock.because


def test_a_clock_that_contradicts_is_told() -> None:
    _, clock = place_of("https://paper.fr/", [], [], "fr", [480], [], NOW)
    assert clock.value == "Europe/Paris" and clock.sure is Sure.GUESS
    assert "although its times are +08:00" in clock.because


def test_offsets_of_feeds() -> None:
    body = b"""<pubDate>Mon, 01 Jun 2026 10:00:00 +0530</pubDate> <updated>2026-06-01T10:00:00-03:30</updated>
    <x>10:00 GMT</x> <y>10:00:00+99:00</y> <z>10:00:00.123+02:00</z> 12:00:00 +0000"""
    assert offsets_in(body) == [330, -210, 120, 0]


@pytest.mark.parametrize(
    ("said", "feeds", "value", "sure"),
    [
        ([Said("The Paper", "og:site_name"), Said("Home | x", "<title>")], [], "The Paper", Sure.SURE),
        ([Said("News, sport and weather - Harbour Courier", "<title>")], ["Harbour Courier: World"], "Harbour Courier", Sure.LIKELY),
        ([Said("Aktuelle Nachrichten | Elbtaler-Bote", "<title>")], [], "Elbtaler-Bote", Sure.LIKELY),
        ([Said("International news today", "<title>")], [], "International news today", Sure.GUESS),
        ([], [], "elbtalerbote.example", Sure.GUESS),
    ],
    ids=["it says so", "a feed agrees", "the address agrees", "a title", "nothing"],
)  # fmt: skip
def test_name(said: list[Said], feeds: list[str], value: str, sure: Sure) -> None:
    found = name_of(said, feeds, "https://www.elbtalerbote.example/")
    assert (found.value, found.sure) == (value, sure), found
