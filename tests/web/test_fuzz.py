"""Whatever is asked of the web side gets an answer in time, and none of them is a failure of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.web.gate import LOOPBACK_NAMES, Gate
from archive.web.serve import datasette
from tests.queries import HOSTILE
from tests.web.conftest import make_archive

EXAMPLES, SOAK_EXAMPLES = 120, 3000
QUERIES, SOAK_QUERIES = 100, 10_000
HANG = 30  # seconds; far beyond the time limit of any query, and still no hours

COLUMNS = "id title text url source_id language section published_at published_day authors word_count nothing".split()
LOOKUPS = (
    "exact not contains endswith startswith gt gte lt lte like notlike glob in notin arraycontains arraynotcontains date "
    "isnull notnull isblank notblank odd"
).split()
SPECIAL = (
    "_sort _sort_desc _next _search _search_title _searchmode _facet _facet_array _facet_date _facet_size _size _col _nocol "
    "_where _through _labels _label _shape _json _json_infinity _nl _ttl _timelimit _trace _stream _dl _extra _nocount "
    "_nofacet _nosuggest _filter_column _filter_op _filter_value _filter_column_1 _sort_by_desc _hide_sql _show_sql _blob_column "
    "_blob_hash _header sql q order page copies with limit offset from to since until source kind silent outlets _kiosque"
).split()
TABLES = (
    "articles article_versions article_urls sources feeds pages captures runs hosts articles_fts articles_search "
    "articles_fts_data sqlite_master nothing search latest"
).split()
VALUES = (
    "", "0", "-1", "1e309", "nan", "99999999999999999999", "9223372036854775808", "max", "on", "off", "1,2,3", "~~", "~2C",
    "null", "id", "title", "rowid", "-id", "title,id", "{", "[]", '{"table":"sources","column":"slug","value":"x"}',
    "'; drop table articles; --", "%a%a%a%a%a%a%a%b", "*a*a*a*a*b", "[", "select 1", "select * from articles", '"', "a" * 5000,
    "select group_concat(randomblob(1000000)) from articles, articles, articles", "pragma table_info(articles)",
    "select zeroblob(1000000000)", "with recursive n(i) as (select 1 union all select i+1 from n) select i from n limit 100000",
    "select :a, :b", "select load_extension('x')", "select * from pragma_database_list", "explain select 1", "select 1; select 2",
    "array", "arrays", "object", "objects", "arrayfirst", "html", "javascript:alert(1)", "//elsewhere.example/", "\\elsewhere",
)  # fmt: skip

value = st.one_of(
    st.sampled_from(VALUES).map(str.encode),
    st.text(max_size=12).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=8),
)
name = st.one_of(
    st.sampled_from(SPECIAL),
    st.sampled_from(COLUMNS),
    st.builds("{}__{}".format, st.sampled_from(COLUMNS), st.sampled_from(LOOKUPS)),
).map(str.encode)
piece = st.one_of(
    st.sampled_from(
        [b"archive", b"articles", b"-", b"1", b"..", b"~", b"~2F", b"%", b"", b"static", b"kiosque", b"_internal"]
    ),
    st.binary(max_size=6),
)
suffix = st.sampled_from(
    ["", ".json", ".jsono", ".csv", ".blob", ".db", "/", "/1", "/1.json", "/%ff", "/1,2", "/~", "/1/x", "?"]
)
path = st.one_of(
    st.builds("/archive/{}{}".format, st.sampled_from(TABLES), suffix),
    st.sampled_from(
        [
            "/archive",
            "/archive.json",
            "/archive.csv",
            "/",
            "/search.json",
            "/search.csv",
            "/search.atom",
            "/-/static/x",
            "/saved",
            "/article/1",
            "/article/1/diff",
            "/article/1.bib",
            "/article/3.json",
            "/story/1",
            "/stories",
            "/changes",
            "/sources",
            "/source/harbour",
            "/source/nothing",
            "/health",
            "/capture/1",
            "/capture/1.warc",
        ]
    ),
    st.lists(piece, max_size=4).map(
        lambda pieces: "/" + "/".join(quote_from_bytes(one, safe="~.%-") for one in pieces)
    ),
)
query = st.lists(st.tuples(name, value), max_size=4).map(
    lambda pairs: "&".join(f"{quote_from_bytes(key)}={quote_from_bytes(text)}" for key, text in pairs)
)


class Reader:
    """Asks the application without a socket between them."""

    def __init__(self, app: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=True), base_url="http://localhost"
        )

    def get(self, address: str) -> httpx.Response:
        """Ask for a path and query; raises TimeoutError when nobody answers."""
        return self.loop.run_until_complete(asyncio.wait_for(self.client.get(f"http://localhost{address}"), HANG))


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    folder: Path = tmp_path_factory.mktemp("archive")
    writer = make_archive(folder)
    reader = Reader(Gate(datasette(folder / "archive.db").app(), LOOPBACK_NAMES))
    yield reader
    reader.loop.run_until_complete(reader.client.aclose())
    reader.loop.close()
    writer.close()


def check(reader: Reader, where: str, asked: str) -> None:
    """One answer is an answer: no failure, no way off the site, and the safety headers."""
    answer = reader.get(f"{where}?{asked}" if asked else where)
    assert answer.status_code < 500, (where, asked, answer.text[-600:])
    assert "nonce-" in answer.headers["content-security-policy"]
    assert answer.headers.get("location", "/x")[:2] not in ("//", "/\\")


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Datasette prints what our functions raise
@given(path, query)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_request_is_answered(reader: Reader, where: str, asked: str) -> None:
    check(reader, where, asked)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # Datasette prints what our functions raise
@given(path, query)
@settings(max_examples=SOAK_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_very_many_requests_are_answered(reader: Reader, where: str, asked: str) -> None:
    check(reader, where, asked)


ASKED = st.tuples(HOSTILE, st.sampled_from(["best", "newest"]), st.sampled_from(["", "1", "0", "-1", "1e9", "²"]))
FORMS = ("/?q={}&order={}&page={}", "/search.json?q={}&order={}&offset={}", "/?with={}&q=ferry&order={}&copies={}",
         "/search.atom?q={}&order={}&page={}", "/archive/articles?_search={}&_sort={}&_size={}")  # fmt: skip


def check_query(reader: Reader, asked: tuple[str, str, str]) -> None:
    """A text that somebody types gets results or words that say why not, on every page that takes one."""
    query = quote_from_bytes(asked[0].encode("utf-8", "surrogatepass"))
    for form in FORMS:
        check(reader, *form.format(query, *(quote_from_bytes(one.encode()) for one in asked[1:])).split("?", 1))
    page = reader.get(f"/?q={query}")
    assert page.status_code == 200
    assert any(sign in page.text for sign in ('class="summary"', 'class="trouble"', 'class="nothing"'))


@given(ASKED)
@settings(max_examples=QUERIES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_query_is_answered(reader: Reader, asked: tuple[str, str, str]) -> None:
    check_query(reader, asked)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@given(ASKED)
@settings(max_examples=SOAK_QUERIES, deadline=None, suppress_health_check=list(HealthCheck))
def test_ten_thousand_queries_are_answered(reader: Reader, asked: tuple[str, str, str]) -> None:
    check_query(reader, asked)
