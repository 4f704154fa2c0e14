"""The catalogue: what a source file may say, what is reported, what is selected, and who owns a URL."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from crawler.catalog import SHIPPED, Catalog, CatalogError, Schedule, parse_source
from crawler.schedule import parse_interval
from crawler.selectors import check_selector
from crawler.sites import registered_domain, site_of
from crawler.source_file import toml_string, write_source

DOCS = Path(__file__).parents[2] / "docs" / "add-a-source.md"
HEAD = """\
name = "The Example"
home = "https://www.example.org/"
country = "gb"
language = "en"
timezone = "Europe/London"
"""
FEED = '[[feeds]]\nurl = "https://www.example.org/rss"\n'
GOOD = HEAD + FEED


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def _write(**files: str) -> Path:
        for name, text in files.items():
            path = tmp_path / (name.replace("__", "/") + ".toml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return _write


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return Catalog.load([SHIPPED])


MISTAKES = {
    "missing key": (GOOD.replace('country = "gb"\n', ""), "country: is missing"),
    "unknown key": (GOOD.replace("home", "hmoe"), "hmoe: unknown key"),
    "unknown key in a table": (GOOD + "[limits]\ndealy = 3\n", "limits.dealy: unknown key; did you mean delay?"),
    "unknown key in a feed": (GOOD + "[[feeds]]\nulr = 'https://x.org/'\n", "feeds[1].ulr: unknown key"),
    "slug in the file": ('slug = "other"\n' + GOOD, "slug: unknown key"),
    "wrong type": (GOOD.replace('"The Example"', "5"), "name: Input should be a valid string (it is 5)"),
    "number as text": (GOOD + '[limits]\ndelay = "3"\n', "limits.delay: Input should be a valid number"),
    "feeds is no list": (HEAD + 'feeds = "https://www.example.org/rss"\n', "feeds: must be a list"),
    "empty name": (GOOD.replace("The Example", ""), "name: String should have at least 1 character"),
    "empty url": (GOOD.replace("https://www.example.org/rss", ""), "feeds[0].url: the URL is empty"),
    "ftp": (GOOD.replace("https://www.example.org/rss", "ftp://example.org/rss"), "feeds[0].url: 'ftp://"),
    "file": (GOOD.replace("https://www.example.org/rss", "file:///etc/hostname"), "feeds[0].url: 'file:"),
    "space in url": (GOOD.replace("org/rss", "org/my rss"), "feeds[0].url: 'https://www.example.org/my rss' has white"),
    "no host": (GOOD.replace("www.example.org/rss", ""), "feeds[0].url: 'https://' has no host"),
    "bare word as host": (GOOD.replace("www.example.org/rss", "example/rss"), "feeds[0].url: 'example' is not a host"),
    "number as host": (GOOD.replace("www.example.org/rss", "2130706433/"), "feeds[0].url: '2130706433' is not a host"),
    "hexadecimal host": (GOOD.replace("www.example.org/rss", "0x7f.0.0.0x1/"), "feeds[0].url: '0x7f.0.0.0x1' is not"),
    "bad port": (GOOD.replace("org/rss", "org:99999/rss"), "feeds[0].url: 'https://www.example.org:99999/rss' is not"),
    "password in url": (
        GOOD.replace("www.", "me:secret@www."),
        "home: 'https://me:secret@www.example.org/' has a user",
    ),
    "open bracket": (GOOD.replace("www.example.org/rss", "[::1/rss"), "feeds[0].url: 'https://[::1/rss' is not a URL"),
    "uk": (GOOD.replace('"gb"', '"uk"'), "country: 'uk' is not a country code: the United Kingdom is 'gb'"),
    "country in capitals": (GOOD.replace('"gb"', '"GB"'), "country: 'GB' must be in lower case: 'gb'"),
    "country of three letters": (GOOD.replace('"gb"', '"gbr"'), "country: 'gbr' is not a country code"),
    "language by name": (GOOD.replace('"en"', '"english"'), "language: 'english' is not a language tag"),
    "no such language": (GOOD.replace('"en"', '"xx"'), "language: 'xx' is not a language tag: ISO 639"),
    "no such zone": (
        GOOD.replace("Europe/London", "Europe/Londn"),
        "timezone: 'Europe/Londn' is not an IANA time zone",
    ),
    "folder as zone": (GOOD.replace("Europe/London", "Europe"), "timezone: 'Europe' is not an IANA time zone"),
    "path as zone": (GOOD.replace("Europe/London", "/etc/localtime"), "timezone: '/etc/localtime' is not an IANA"),
    "domain with scheme": ('domains = ["https://x.org/"]\n' + GOOD, "domains[0]: 'https://x.org/' is not a host"),
    "broken expression": (
        HEAD + "[[sections]]\nurl = 'https://x.org/'\narticles = '(a'\n",
        "sections[0].articles: '(a' is",
    ),
    "empty expression": (HEAD + "[[sitemaps]]\nurl = 'https://x.org/'\narticles = ''\n", "sitemaps[0].articles: the"),
    "endless expression": (
        HEAD + f"[[sections]]\nurl = 'https://x.org/'\narticles = '{'a' * 501}'\n",
        "sections[0].articles: the regular expression is longer than 500",
    ),
    "negative delay": (GOOD + "[limits]\ndelay = -1\n", "limits.delay: Input should be greater than or equal to 0"),
    "infinite delay": (GOOD + "[limits]\ndelay = inf\n", "limits.delay: Input should be less than or equal to 3600"),
    "hundred at once": (
        GOOD + "[limits]\nconcurrency = 100\n",
        "limits.concurrency: Input should be less than or equal",
    ),
    "broken css": (GOOD + "[extract]\ntitle = 'h1['\n", "extract.title: 'h1[' is not a valid CSS selector"),
    "broken xpath": (GOOD + "[extract]\nremove = ['b', '//h1[']\n", "extract.remove[1]: '//h1[' is not a valid XPath"),
    "unknown xpath function": (GOOD + "[extract]\nbody = '//a[foo(.)]'\n", "extract.body: '//a[foo(.)]' is not"),
    "interval without unit": (GOOD + "[schedule]\nevery = '15'\n", "schedule.every: '15' is not an interval"),
    "interval of nothing": (GOOD + "[schedule]\nevery = '0m'\n", "schedule.every: '0m' is out of range"),
    "cron of six columns": (
        GOOD + "[schedule]\ncron = '0 0 0 * * *'\n",
        "schedule.cron: '0 0 0 * * *' is not a crontab",
    ),
    "cron out of range": (
        GOOD + "[schedule]\ncron = '60 * * * *'\n",
        "schedule.cron: 60 is out of range for the minute",
    ),
    "cron of 31 February": (GOOD + "[schedule]\ncron = '0 0 31 2 *'\n", "schedule.cron: '0 0 31 2 *' never fires"),
    "every and cron": (
        GOOD + "[schedule]\nevery='1h'\ncron='0 * * * *'\n",
        "schedule: give `every` or `cron`, not both",
    ),
    "range upside down": (
        GOOD + "[expect]\narticles_per_day = [9, 3]\n",
        "expect: articles_per_day is [lowest, highest]",
    ),
    "share above one": (GOOD + "[expect]\nfilled = { title = 95 }\n", "expect.filled.title: Input should be less than"),
    "share of an unknown field": (
        GOOD + "[expect]\nfilled = { titel = 1.0 }\n",
        "expect.filled.titel: Input should be",
    ),
    "infinitely many articles": (
        GOOD + "[expect]\narticles_per_day = [0, inf]\n",
        "expect.articles_per_day[1]: Input should be less than or equal to 1000000",
    ),
    "three numbers": (GOOD + "[expect]\narticles_per_day = [1, 2, 3]\n", "expect.articles_per_day: has 3 values"),
    "not a number": (GOOD + "[limits]\ndelay = nan\n", "limits.delay: Input should be less than or equal to 3600"),
    "no table": ("schedule = 5\n" + GOOD, "schedule: must be a table"),
    "one table for feeds": (HEAD + "[feeds]\nurl = 'https://x.org/'\n", "feeds: must be a list"),
    "zone in an address": (GOOD.replace("www.example.org/rss", "[fe80::1%eth0]/"), "feeds[0].url: 'fe80::1%eth0' is"),
    "nothing to look at": (HEAD, "nothing to look at: give at least one of [[feeds]], [[sitemaps]] and [[sections]]"),
    "one address twice": (
        GOOD + "[[sections]]\nurl = 'https://www.example.org/rss'\n",
        "sections[0].url: https://www.example.org/rss is already in feeds[0]",
    ),
    "not toml": ("name = \n", "not TOML: Invalid value (at line 1, column 8)"),
    "key twice": (GOOD.replace("country", 'name = "B"\ncountry'), "not TOML: Cannot overwrite a value (at line 3"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_gives_one_error_with_file_and_field(write: Callable[..., Path], name: str) -> None:
    text, message = MISTAKES[name]
    catalog = Catalog.load([write(gb__bad=text, fine=GOOD)])
    assert list(catalog.sources) == ["fine"]
    assert len(catalog.errors) == 1
    file, _, problems = str(catalog.errors[0]).partition(": ")
    assert file == "gb/bad.toml"
    assert any(problem.startswith(message) for problem in problems.split("; ")) or problems.startswith(message)


def test_all_mistakes_of_a_file_are_in_its_error(write: Callable[..., Path]) -> None:
    text = GOOD.replace('"gb"', '"uk"').replace("Europe/London", "London?") + '[[feeds]]\nurl = "x"\n'
    (error,) = Catalog.load([write(bad=text)]).errors
    assert [part.split(":")[0] for part in str(error).removeprefix("bad.toml: ").split("; ")] == [
        "country",
        "timezone",
        "feeds[1].url",
    ]


def test_a_slug_used_twice_is_an_error_of_the_second_file(tmp_path: Path) -> None:
    for folder, name in (("one", "First"), ("two", "Second")):
        (tmp_path / folder / "gb").mkdir(parents=True)
        (tmp_path / folder / "gb" / "same.toml").write_text(GOOD.replace("The Example", name))
    catalog = Catalog.load([tmp_path / "one", tmp_path / "two"])
    assert catalog.sources["same"].name == "First"
    (error,) = catalog.errors
    assert str(error) == f"gb/same.toml: slug: 'same' is already used by {tmp_path / 'one' / 'gb' / 'same.toml'}"


@pytest.mark.parametrize("name", ["Upper", "dotted.name", "with space", "é", "_leading"])
def test_a_file_name_that_is_no_slug(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.toml").write_text(GOOD)
    catalog = Catalog.load([tmp_path])
    assert not catalog.sources
    assert f"{name}.toml: slug: the file name {name!r} is not a slug" in str(catalog.errors[0])


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(GOOD.replace("The Example", "Café").encode("latin-1"))
    (tmp_path / "large.toml").write_text(GOOD + "#" * 300_000)
    (tmp_path / "nested.toml").write_text("a = " + "[" * 50_000)
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    (tmp_path / ".hidden.toml").write_text("?")
    (tmp_path / "readme.txt").write_text("?")
    catalog = Catalog.load([tmp_path, tmp_path / "missing"])
    assert list(catalog.sources) == ["bom"]
    assert [str(error).removeprefix(f"{tmp_path}/").split(": ")[:2] for error in catalog.errors] == [
        ["gone.toml", "cannot be read"],
        ["large.toml", "larger than 256 KB"],
        ["latin.toml", "not UTF-8"],
        ["nested.toml", "nested too deeply"],
        ["missing", "no such folder"],
    ]


def test_the_example_of_the_documentation_loads_and_uses_every_table() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    source = parse_source(example, "daily_example")
    assert source.model_fields_set == set(type(source).model_fields) - {"enabled"}
    assert source.sections[0].article_pattern is not None
    assert source.sections[0].article_pattern.search("https://www.daily.example.org/world/2026/11/a-b.html")


def test_the_documentation_names_every_key() -> None:
    documented = set(re.findall(r"^\| `\[*([a-z_.]+)\]*`", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    source = parse_source(GOOD, "a")
    keys = set(type(source).model_fields) - {"slug", "limits", "extract", "schedule", "expect"}
    for table in ("limits", "extract", "schedule", "expect"):
        keys |= {f"{table}.{key}" for key in type(getattr(source, table)).model_fields}
    for table, example in (("feeds", "Feed"), ("sitemaps", "Sitemap"), ("sections", "Section")):
        keys |= {f"{table}.{key}" for key in getattr(__import__("crawler.catalog").catalog, example).model_fields}
    assert documented == keys


# --- the shipped sources ---------------------------------------------------------------------------------------------


def test_every_shipped_source_loads(shipped: Catalog) -> None:
    assert shipped.errors == ()
    assert len(shipped.sources) == len(list(SHIPPED.rglob("*.toml"))) > 350
    assert list(shipped.sources) == sorted(shipped.sources)


def test_every_shipped_source_owns_its_home_and_lies_in_its_country(shipped: Catalog) -> None:
    folders = {path.stem: path.parent.name for path in SHIPPED.rglob("*.toml")}
    assert [slug for slug, source in shipped.sources.items() if not source.owns(source.home)] == []
    assert [slug for slug, source in shipped.sources.items() if folders[slug] != source.country] == []
    assert [slug for slug, source in shipped.sources.items() if shipped.owner(source.home) != source] == []


def test_no_shipped_source_has_placeholders_for_country_or_language(shipped: Catalog) -> None:
    assert not [s.slug for s in shipped.sources.values() if s.country == "zz" or s.language == "und"]


def test_no_address_is_shipped_twice(shipped: Catalog) -> None:
    urls = [re.sub(r"^https?://(www\.)?", "", url).rstrip("/") for s in shipped.sources.values() for url in s.places]
    assert [url for url in urls if urls.count(url) > 1] == []


EDITIONS = {
    "fr": "http://french.peopledaily.com.cn/n3/2021/0901/c209054-9890452.html",
    "en": "http://en.people.cn/n3/2021/0901/c90000-9890452.html",
    "es": "http://spanish.people.com.cn/n3/2021/0901/c31618-9890452.html",
    "ru": "http://russian.people.com.cn/n3/2021/0901/c31520-9890452.html",
    "ar": "http://arabic.people.com.cn/n3/2021/0901/c31663-9890452.html",
    "ja": "http://j.people.com.cn/n3/2021/0901/c94474-9890452.html",
    "ko": "http://kr.people.com.cn/n3/2021/0901/c203278-9890452.html",
    "de": "http://german.people.com.cn/n3/2021/0901/c209052-9890452.html",
    "pt": "http://portuguese.people.com.cn/n3/2021/0901/c309806-9890452.html",
    "it": "http://italian.people.com.cn/n3/2021/0901/c416019-9890452.html",
    "zh": "http://world.people.com.cn/n1/2021/0901/c1002-32214158.html",
}


@pytest.mark.parametrize("language", EDITIONS)
def test_each_edition_of_the_peoples_daily_takes_its_own_articles_only(shipped: Catalog, language: str) -> None:
    source = shipped.sources[f"peopledaily_{language}"]
    assert (source.language, source.country, source.timezone) == (language, "cn", "Asia/Shanghai")
    patterns = [section.article_pattern for section in source.sections]
    assert patterns
    for other, url in EDITIONS.items():
        assert [bool(pattern and pattern.search(url)) for pattern in patterns] == [other == language] * len(patterns)
    assert not any(pattern and pattern.search(source.home + "International/") for pattern in patterns)
    assert source.owns(EDITIONS[language])
    assert shipped.owner(EDITIONS[language]) == source


# --- select ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(write: Callable[..., Path]) -> Catalog:
    arabic = GOOD.replace('"gb"', '"eg"').replace('"en"', '"ar"')
    files = {
        "alpha": GOOD,
        "alpha_fr": GOOD.replace('"en"', '"fr-CA"').replace('"gb"', '"ca"'),
        "beta": arabic,
        "off": "enabled = false\n" + arabic,
    }
    return Catalog.load([write(**files)])


SELECTIONS = {
    "": ["alpha", "alpha_fr", "beta"],
    " , ": ["alpha", "alpha_fr", "beta"],
    "*": ["alpha", "alpha_fr", "beta"],
    "alpha": ["alpha"],
    "beta, alpha": ["alpha", "beta"],
    "alpha,alpha*": ["alpha", "alpha_fr"],
    "[b-c]*": ["beta"],
    "country:eg": ["beta"],
    "country:EG": ["beta"],
    "language:fr": ["alpha_fr"],
    "language:fr-ca": ["alpha_fr"],
    "language:ar,country:gb": ["alpha", "beta"],
    "off": ["off"],
}


@pytest.mark.parametrize("what", SELECTIONS)
def test_select(small: Catalog, what: str) -> None:
    assert [source.slug for source in small.select(what)] == SELECTIONS[what]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("alhpa", "no source matches 'alhpa'; did you mean alpha"),
        ("beta,nothing*", "no source matches 'nothing*'"),
        ("of?", "no source matches 'of?'"),
        ("country:jp", "no source matches 'country:jp'; known: ca, eg, gb"),
        ("language:f", "no source matches 'language:f'; known: ar, en, fr-CA"),
        ("tag:war", "'tag:war': select sources by slug"),
    ],
)
def test_select_names_what_matches_nothing(small: Catalog, what: str, message: str) -> None:
    with pytest.raises(CatalogError, match=re.escape(message)):
        small.select(what)


def test_select_all_of_an_empty_catalogue_is_empty() -> None:
    assert Catalog({}).select("") == []


# --- owning URLs -----------------------------------------------------------------------------------------------------

OWNS = {
    "own host": ("https://www.example.org/", [], "https://www.example.org/a", True),
    "other subdomain": ("https://www.example.org/", [], "http://sport.example.org:8080/a", True),
    "capitals and final dot": ("https://www.example.org/", [], "HTTPS://EXAMPLE.ORG./a", True),
    "look-alike": ("https://www.example.org/", [], "https://notexample.org/", False),
    "as a part": ("https://www.example.org/", [], "https://example.org.evil.net/", False),
    "as user name": ("https://www.example.org/", [], "https://example.org@evil.net/", False),
    "suffix of two labels": ("https://www.daily.co.uk/", [], "https://other.co.uk/", False),
    "private suffix": ("https://one.blogspot.com/", [], "https://two.blogspot.com/a", False),
    "further domain": ("https://www.example.org/", ["example.net"], "https://www.example.net/a", True),
    "further host": ("https://www.example.org/", ["news.example.net"], "https://news.example.net/a", True),
    "beside a further host": ("https://www.example.org/", ["news.example.net"], "https://www.example.net/a", False),
    "international name": ("https://bücher.example/", [], "https://xn--bcher-kva.example/a", True),
    "loopback with its port": ("http://127.0.0.1:8001/", [], "http://127.0.0.1:8001/a", True),
    "loopback with another port": ("http://127.0.0.1:8001/", [], "http://127.0.0.1:8002/a", False),
    "loopback without port": ("http://127.0.0.1/", [], "http://127.0.0.1:80/a", True),
    "IPv6": ("http://[::1]:8001/", [], "http://[::1]:8001/a", True),
    "IPv6 with another port": ("http://[::1]:8001/", [], "http://[::1]:8002/a", False),
    "localhost": ("http://localhost:8001/", [], "http://localhost:8001/a", True),
    "localhost with another port": ("http://localhost:8001/", [], "http://localhost:8002/a", False),
    "further port": ("http://127.0.0.1:8001/", ["127.0.0.1:8002"], "http://127.0.0.1:8002/a", True),
    "host under no known suffix": ("http://news.corp.internal/", [], "https://www.corp.internal/a", True),
    "subdomain of localhost": ("http://a.localhost:8001/", [], "http://a.localhost:8002/", False),
    "another scheme": ("https://www.example.org/", [], "ftp://www.example.org/a", False),
    "no URL": ("https://www.example.org/", [], "example.org", False),
    "broken URL": ("https://www.example.org/", [], "http://[::1", False),
}


@pytest.mark.parametrize("name", OWNS)
def test_owns(name: str) -> None:
    home, domains, url, expected = OWNS[name]
    text = HEAD.replace("https://www.example.org/", home) + f"domains = {domains}\n[[feeds]]\nurl = '{home}rss'\n"
    assert parse_source(text, "a").owns(url) is expected


@pytest.mark.parametrize(
    "feed", ["https://feeds.feedburner.com/x", "https://feedproxy.google.com/x", "https://follow.it/x"]
)
def test_a_feed_service_is_no_part_of_the_source(feed: str) -> None:
    source = parse_source(HEAD + f"[[feeds]]\nurl = '{feed}'\n", "a")
    assert source.sites == {"example.org"}
    assert not source.owns(feed)


def test_domains_of_feeds_sitemaps_and_sections_belong_to_the_source() -> None:
    tables = "".join(
        f"[[{kind}]]\nurl = 'https://{kind}.a{kind}.org/x'\n" for kind in ("feeds", "sitemaps", "sections")
    )
    assert parse_source(HEAD + tables, "a").sites == {"example.org", "afeeds.org", "asitemaps.org", "asections.org"}


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://www.dw.com/de/a/a-1", "dw"),
        ("https://www.dw.com/en/a/a-1", "dw_en"),
        ("https://www.dw.com/es/a/a-1", "dw"),
        ("https://fr.euronews.com/a", "euronews_fr"),
        ("https://www.euronews.com/a", "euronews_en"),
        ("https://economictimes.indiatimes.com/a", "economic_times"),
        ("https://www.bbc.com/news/articles/a", "bbc"),
        ("https://www.bbc.co.uk/news/a", "bbc"),
        ("http://politics.people.com.cn/n1/2024/0424/c1001-1.html", "peopledaily_zh"),
        ("https://nobody.example/", None),
    ],
)
def test_owner_is_the_nearest_source(shipped: Catalog, url: str, slug: str | None) -> None:
    owner = shipped.owner(url)
    assert (owner and owner.slug) == slug


def test_owner_tells_ports_apart(write: Callable[..., Path]) -> None:
    text = GOOD.replace("https://www.example.org", "http://127.0.0.1:{}")
    catalog = Catalog.load([write(one=text.replace("{}", "8001"), two=text.replace("{}", "8002"))])
    owners = [catalog.owner(f"http://127.0.0.1:{port}/a") for port in (8001, 8002, 8003)]
    assert [owner and owner.slug for owner in owners] == ["one", "two", None]


def test_registered_domains_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    registered_domain.cache_clear()
    assert registered_domain("www.daily.co.uk") == "daily.co.uk"
    assert site_of("http://www.unknown.invalid:8080/") == "unknown.invalid"


# --- schedule, selectors, writing ------------------------------------------------------------------------------------

SUNDAY = datetime(2026, 11, 22, tzinfo=UTC)
CRONS = {
    "0 0 * * 1": ["11-23", "11-30"],
    "0 0 * * 0": ["11-29", "12-06"],
    "0 0 * * 7": ["11-29", "12-06"],
    "0 0 * * sun": ["11-29", "12-06"],
    "0 0 * * 5-7": ["11-27", "11-28", "11-29", "12-04"],
    "0 0 * * 1,3": ["11-23", "11-25", "11-30"],
    "0 0 * * MON-fri": ["11-23", "11-24", "11-25", "11-26", "11-27", "11-30"],
    "0 0 * * 1-5/2": ["11-23", "11-25", "11-27", "11-30"],
    "0 0 * * */2": ["11-24", "11-26", "11-28", "11-29", "12-01"],
    "0 0 1 * *": ["12-01", "01-01"],
    "0 0 1 * 3": ["11-25", "12-01", "12-02"],  # crontab(5): either the day or the weekday
    "0 0 29 feb *": ["02-29"],
    "@weekly": ["11-29", "12-06"],
}


@pytest.mark.parametrize("line", CRONS)
def test_crontab_lines_mean_what_crontab_says(line: str) -> None:
    schedule, moment, days = Schedule(cron=line), SUNDAY, []
    for _ in CRONS[line]:
        moment = schedule.next_after(moment) or SUNDAY
        assert (moment.hour, moment.minute, moment.second, moment.utcoffset()) == (0, 0, 0, timedelta(0))
        days.append(moment.strftime("%m-%d"))
    assert days == CRONS[line]


def test_cron_runs_in_utc_when_clocks_change_elsewhere() -> None:
    schedule = Schedule(cron="*/20 * * * *")
    moment, gaps = datetime(2026, 10, 24, 23, 50, tzinfo=UTC), set()
    for _ in range(30):
        later = schedule.next_after(moment)
        assert later is not None
        gaps.add(later - moment)
        moment = later
    assert gaps == {timedelta(minutes=10), timedelta(minutes=20)}


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        (" 2 h ", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
    ],
)
def test_intervals(text: str, interval: timedelta) -> None:
    schedule = Schedule(every=text)
    assert (schedule.kind, schedule.interval) == ("every", interval)
    assert schedule.next_after(SUNDAY) == SUNDAY + interval


@pytest.mark.parametrize("text", ["", "m", "1.5h", "-1m", "15 minutes", "1w", "366d", "९m", "9" * 30 + "s"])
def test_intervals_that_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an interval|out of range"):
        parse_interval(text)


@pytest.mark.parametrize("line", ["", "@reboot", "* * * *", "5/10 * * * *", "*/0 * * * *", "0 0 L * *", "0 0 * * 8",
                                  "0 0 * * mon#2", "0 24 * * *", "9-3 * * * *", "0 0 0 * *", "a * * * *"])  # fmt: skip
def test_crontab_lines_that_are_refused(line: str) -> None:
    with pytest.raises(ValidationError):
        Schedule(cron=line)


def test_adaptive_is_the_default() -> None:
    schedule = parse_source(GOOD, "a").schedule
    assert (schedule.kind, schedule.interval, schedule.next_after(SUNDAY)) == ("adaptive", None, None)


@pytest.mark.parametrize(
    "rule", ["//time[@class='a(b)']", "/html/body//p[not(@id) and position() < 3]", "a:has(> b), i"]
)
def test_selectors_that_are_accepted(rule: str) -> None:
    assert check_selector(rule) == rule


@pytest.mark.parametrize(
    "rule", ["//time/@datetime", "//p/text()", "//x:y", "//a[b(.)]", "//a[", "time::attr(x)", "a,", " "]
)
def test_selectors_that_are_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r"is not a valid|does not name elements|empty"):
        check_selector(rule)


def test_a_source_does_not_change_once_loaded() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        parse_source(GOOD, "a").name = "Other"


def test_every_shipped_file_is_written_back_unchanged_but_for_comments(shipped: Catalog) -> None:
    for path in sorted(SHIPPED.rglob("*.toml")):
        text = path.read_text(encoding="utf-8")
        comment = "\n".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#"))
        assert write_source(shipped.sources[path.stem], comment) == text


def test_the_example_of_the_documentation_survives_being_written() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    source = parse_source(example, "a")
    assert parse_source(write_source(source, "two\nlines"), "a") == source


@pytest.mark.parametrize(
    "text", ['"', "\\", "\\d'", "a\tb", "\x7f", "\x00", "'''", '"""', "é中\U0001f600", "\\u0041", ""]
)
def test_strings_are_escaped(text: str) -> None:
    import tomllib

    assert tomllib.loads(f"a = {toml_string(text)}") == {"a": text}
