"""Queries against a real index made by the migrations."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from archive import excerpts
from archive.errors import QueryError
from archive.excerpts import excerpt
from archive.folding import fold, fold_columns
from archive.postgres import place_of, schema
from archive.query import MAX_QUERY_LENGTH, MAX_TERMS, compile_query, parse_query
from archive.search import Hit, search
from tests.postgresql import Server
from tests.queries import ARTICLES, HOSTILE, QUERIES, add_sources, fill, make_index, store


def check_integrity(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> Iterator[Callable[[], sqlite3.Connection]]:
    """Makes indexes without articles."""
    made: list[tuple[sqlite3.Connection, str]] = []

    def on_postgresql() -> sqlite3.Connection:
        server: Server = request.getfixturevalue("postgresql")
        name = server.database()
        place = place_of(server.url(name))
        assert place is not None
        conn = cast(sqlite3.Connection, schema.connect(place, write=True))
        made.append((conn, name))
        add_sources(conn)
        return conn

    yield make_index if request.param == "sqlite" else on_postgresql
    for conn, name in made:
        conn.close()
        request.getfixturevalue("postgresql").drop(name)


@pytest.fixture(scope="module")
def index(backend: Callable[[], sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
    conn = backend()
    fill(conn)
    yield conn
    conn.close()


@pytest.fixture
def empty(backend: Callable[[], sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
    conn = backend()
    yield conn
    conn.close()


def found(conn: sqlite3.Connection, query: str) -> set[int]:
    return {hit.id for hit in search(conn, query, limit=100)}


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_query_finds(index: sqlite3.Connection, query: str, expected: set[int]) -> None:
    assert found(index, query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("until:9999", "is no date"),
        ("until:9999-12", "is no date"),
        ("until:9999-12-31", "is no date"),
        ("until:9999-12-31T23:59:59Z", "is no date"),
        ("after:0000", "is no date"),
        ("-ferry", "at least one word"),
        ("ferry OR -line", "OR needs a word"),
        ("a" * (MAX_QUERY_LENGTH + 1), "too long"),
        ("a " * (MAX_TERMS + 1), "too many words"),
    ],
)
def test_query_that_makes_no_sense_says_why(index: sqlite3.Connection, query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        search(index, query)


WORDS = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=6).filter(
    fold
)  # some letters are but signs


@settings(max_examples=600, deadline=None)
@given(HOSTILE)
@example('"' * 999)
@example("-a " * 300)
@example("a OR " * 200)
@example("(" * 1000)
@example("北" * 1000)
@example("\U0001d400" * 900)
@example("x" * 10_000)
def test_any_text_is_a_query_or_a_plain_error(index: sqlite3.Connection, query: str) -> None:
    try:
        hits = list(search(index, query, marks=("[", "]")))
    except QueryError as error:
        assert str(error)
        return
    assert all(isinstance(hit, Hit) for hit in hits)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_every_word_finds_its_text(empty: sqlite3.Connection, words: list[str], data: st.DataObject) -> None:
    empty.execute("DELETE FROM articles")
    store(empty, 1, "", "title", unicodedata.normalize("NFC", ", ".join(words)))
    word = data.draw(st.sampled_from(words))
    assert found(empty, f'"{word}"') == {1}
    assert found(empty, f'"{word}"*') == {1}


@pytest.mark.parametrize("article", ARTICLES, ids=lambda article: f"{article[0]}-{article[1]}")
def test_every_word_of_the_fixture_finds_its_article(
    index: sqlite3.Connection, article: tuple[int, str, str, str]
) -> None:
    for word in f"{article[2]} {article[3]}".replace(":", " ").split():
        word = word.strip("。、，.,;:।۔")
        assert article[0] in found(index, word), word


@pytest.mark.parametrize(
    ("query", "snippet"),
    [
        ("港口", "国家主席习近平在北京大学城发表讲话。 第二段提到[港口]。"),
        ("習近平", "国家主席[习近平]在北京大学城发表讲话。 第二段提到港口。"),
        ("学", "国家主席习近平在北京大[学]城发表讲话。 第二段提到港口。"),
        ("الاعلام", "وقالت الوزارة إن [الإعـــلام] سيحضر إلى المدرسة عام ٢٠٢٤."),
        ("oeuvre", "L'[œuvre] du préfet, à l'été, n’était pas finie."),
        ("fussganger fluss", "[Fußgänger] überqueren den [Fluss]."),
        ("जमीन", "सरकार ने नई नीति की घोषणा की। [ज़मीन] का मामला।"),
        ("title:ferry", "A short report."),
        (
            '"old ferry" OR rules',
            "The [old ferry] line runs again. Ferry tickets, ferry times: COVID-19 [rules] ended.",
        ),
    ],
)
def test_snippet_marks_what_matched(index: sqlite3.Connection, query: str, snippet: str) -> None:
    assert snippet in {hit.snippet for hit in search(index, query, marks=("[", "]"))}


def test_long_text_is_cut_between_words_around_the_match(empty: sqlite3.Connection) -> None:
    conn = empty
    store(conn, 1, "fr", "t", "avant " * 400 + "le préfet a parlé hier " + "après " * 400)
    snippet = next(search(conn, "prefet", marks=("[", "]"))).snippet
    assert snippet.startswith("…avant ") and snippet.endswith(" après…")
    assert "le [préfet] a parlé hier" in snippet
    assert 120 < len(snippet) < 220
    store(conn, 2, "zh", "t", "前" * 900 + "北京" + "后" * 900)
    snippet = next(search(conn, "北京", marks=("[", "]"))).snippet
    assert "前[北京]后" in snippet and snippet.startswith("…前") and snippet.endswith("后…") and len(snippet) < 220


def test_without_a_match_in_the_text_the_snippet_is_its_beginning(index: sqlite3.Connection) -> None:
    (hit,) = search(index, "armée", marks=("[", "]"))
    assert hit.snippet == "L'œuvre du préfet, à l'été, n’était pas finie."


def test_hit_has_what_its_article_has(index: sqlite3.Connection) -> None:
    (hit,) = search(index, "習近平")
    assert (hit.id, hit.url, hit.title, hit.source, hit.language, hit.published_at) == (
        1, "https://p.example/1", "习近平会见外宾", "paper", "zh", "2024-05-01T12:00:00Z",
    )  # fmt: skip
    assert hit.score > 0


@pytest.fixture(scope="module")
def dated(backend: Callable[[], sqlite3.Connection]) -> Iterator[sqlite3.Connection]:
    conn = backend()
    for number, day, source, language in (
        (1, "2024-01-10T23:59:59Z", 1, "en"), (2, "2024-01-11", 2, "en"), (3, "2024-01-12T00:00:00Z", 1, "fr"),
        (4, None, 2, "fr"),
    ):  # fmt: skip
        store(conn, number, language, f"word {number}", "word", day, source)
    yield conn
    conn.close()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"since": "2024-01-11"}, {2, 3, 4}), ({"until": "2024-01-11"}, {1, 2}), ({"until": "2024-01-10"}, {1}),
        ({"since": "2024-01-12", "until": "2024-01-12"}, {3}), ({"since": "2024-05-01"}, {4}),
        ({"until": "2024-01-10T23:59:58Z"}, set()), ({"source": "other"}, {2, 4}), ({"language": "fr"}, {3, 4}),
        ({"language": "fr", "source": "paper"}, {3}), ({"source": "x' OR 1=1 --"}, set()),
        ({"since": "2024-01-12T01:00:00+01:00"}, {3, 4}), ({"limit": 0}, set()), ({"offset": 10}, set()),
    ],
)  # fmt: skip
def test_filters(dated: sqlite3.Connection, filters: dict[str, str], expected: set[int]) -> None:
    assert {hit.id for hit in search(dated, "word", **filters)} == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "", "2024/01/01"])
def test_wrong_date_says_how_to_write_it(dated: sqlite3.Connection, text: str) -> None:
    with pytest.raises(QueryError, match="2024-05-31"):
        search(dated, "word", since=text)


def test_pages_of_results_are_disjoint_and_complete(dated: sqlite3.Connection) -> None:
    whole = [hit.id for hit in search(dated, "word")]
    assert [hit.id for page in range(4) for hit in search(dated, "word", limit=1, offset=page)] == whole
    assert len(set(whole)) == 4


def test_title_counts_more_than_text_and_new_more_than_old(empty: sqlite3.Connection) -> None:
    conn = empty
    store(conn, 1, "en", "something else", "ferry here and there", "2024-05-01")
    store(conn, 2, "en", "ferry line here", "something else and there", "2014-05-01")
    assert [hit.id for hit in search(conn, "ferry")] == [2, 1]
    store(conn, 3, "en", "same words", "harbour", "2014-05-01")
    store(conn, 4, "en", "same words", "harbour", "2024-05-01")
    store(conn, 5, "en", "same words", "harbour", None)
    assert [hit.id for hit in search(conn, "harbour")] == [5, 4, 3]  # 5 has no time of its own, but was first seen last
    scores = [hit.score for hit in search(conn, "harbour")]
    assert scores == sorted(scores, reverse=True)


def test_index_follows_inserts_updates_and_deletes(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    conn = make_index(str(path))
    for article in ARTICLES:
        store(conn, *article)
    check_integrity(conn)
    conn.execute("UPDATE articles_folded SET title = ?, text = ? WHERE id = 1", fold_columns("上海", "港口"))
    conn.execute("UPDATE articles SET title = '上海', text = '港口' WHERE id = 1")
    check_integrity(conn)
    assert found(conn, "上海") == {1} and found(conn, "习近平") == set()
    conn.execute("UPDATE articles SET title = 'Armee', text = '' WHERE id = 11")
    conn.execute("UPDATE articles_folded SET title = '', text = '' WHERE id = 11")
    check_integrity(conn)
    assert found(conn, "armée") == {11} and found(conn, "œuvre") == set()
    conn.execute("UPDATE articles SET word_count = 7")
    check_integrity(conn)
    conn.execute("DELETE FROM articles_folded WHERE id = 4")
    check_integrity(conn)
    assert found(conn, "한국") == set() and found(conn, "한국이") == set()
    conn.execute("DELETE FROM articles WHERE id IN (2, 3, 5)")
    check_integrity(conn)
    assert found(conn, "臺灣") == set()
    assert conn.execute("SELECT count(*) FROM articles_folded WHERE id IN (2, 3, 5)").fetchone() == (0,)
    conn.execute("INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')")
    check_integrity(conn)
    conn.commit()
    conn.close()

    plain = sqlite3.connect(path)  # as any tool opens it: none of our functions
    check_integrity(plain)
    assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    match = compile_query("ёлка")
    rows = plain.execute("SELECT rowid FROM articles_fts WHERE articles_fts MATCH ?", [match]).fetchall()
    assert rows == [(13,)]
    plain.close()


PIECES = (
    "Strasse", "Straße", "l’armée", "armee", "naïve", "3,5", "北京市", "ABC北京", "習近平主席", "Ёлка", "елка", "Й", "الحُكُومَة", "الحكومة",
    "٢٤", "한국이", "한국", "हिन्दी", "हिंदी", "a", "b", "ＡＢＣ", "ｶﾞ", "สวัสดีครับ", "nœud", "ﬁn", "می‌روم", "co-op",
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12), st.sampled_from([" ", "", ", "]), st.data())
def test_an_excerpt_marks_what_the_tokens_say(pieces: list[str], between: str, data: st.DataObject) -> None:
    """The quick way, by places in a line that is folded letter for letter, finds what going through its tokens finds."""
    text = between.join(pieces)
    start = data.draw(st.integers(0, len(text) - 1))
    part = text[start : start + data.draw(st.integers(1, 9))].replace('"', "")
    query = parse_query(data.draw(st.sampled_from([f'"{part}"', f"{part.split(' ')[0]}*"])))
    quick = excerpt(text, query, marks=("[", "]"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(excerpts, "letter_for_letter", lambda line: "")
        assert quick == excerpt(text, query, marks=("[", "]"))
