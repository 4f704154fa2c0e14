"""Queries against a real index made by the migrations."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.errors import QueryError
from archive.folding import fold_columns
from archive.query import MAX_QUERY_LENGTH, MAX_TERMS, compile_query
from archive.search import Hit, search

MIGRATIONS = Path(__file__).parents[2] / "archive" / "migrations"

# id, language, title, text. The words that a case looks for stand in one article only, unless it says otherwise.
ARTICLES = (
    (1, "zh", "习近平会见外宾", "国家主席习近平在北京大学城发表讲话。\n第二段提到港口。"),
    (2, "zh", "臺灣舉行國際會議", "與會者討論海洋環境。"),
    (3, "ja", "東京で会議が開かれた", "ガス料金の値上げについて、ｺﾝﾋﾟｭｰﾀｰの専門家が説明した。"),
    (4, "ko", "한국이 새 정책을 발표했다", "정부는 내년부터 시행한다고 밝혔다."),
    (5, "ar", "الحُكُومَة تعلن خطة", "وقالت الوزارة إن الإعـــلام سيحضر إلى المدرسة عام ٢٠٢٤."),
    (6, "fa", "کتاب‌های تازه در ایران", "نویسنده می‌گوید که این کار یک سال طول کشید."),
    (7, "ur", "پاکستان کے شہری", "یہ خبر لاہور سے ہے۔"),
    (8, "he", "שָׁלוֹם בירושלים", "דובר צה״ל מסר הודעה."),
    (9, "hi", "हिन्दी में समाचार", "सरकार ने नई नीति की घोषणा की। ज़मीन का मामला।"),
    (10, "th", "รัฐบาลไทยประกาศนโยบายใหม่", "นายกรัฐมนตรีกล่าวที่กรุงเทพมหานคร"),
    (11, "fr", "L’armée déblaie la route", "L'œuvre du préfet, à l'été, n’était pas finie."),
    (12, "de", "Die Straße nach Lübeck", "Fußgänger überqueren den Fluss."),
    (13, "ru", "Ёлка на площади", "Районный совет и новый мэр."),
    (14, "uk", "Їжак і ґанок", "Об'єднання громад, пʼять сіл."),
    (15, "vi", "Chính phủ Việt Nam", "Tại Đà Nẵng, đường phố ngập nước."),
    (16, "el", "Ο άνθρωπος και η θάλασσα", "Οι κυβερνήσεις συμφώνησαν. ΕΛΛΆΔΑ."),
    (17, "tr", "İstanbul'da ılık bir gün", "Diyarbakır ve Iğdır belediyesi."),
    (18, "pl", "Łódź i Gdańsk", "Źródło: własne, mała żółta łódka."),
    (19, "da", "Ærø færge", "Borgmesteren på øen Strynø."),
    (20, "is", "Þing kemur saman", "Forsætisráðherra talaði."),
    (21, "bn", "বাংলাদেশের সংবাদ", "ঢাকা শহরে বৃষ্টি।"),
    (22, "ta", "தமிழ் செய்திகள்", "சென்னையில் மழை."),
    (23, "my", "မြန်မာနိုင်ငံသတင်း", "ရန်ကုန်မြို့တွင်"),
    (24, "km", "ព័ត៌មានកម្ពុជា", "រាជធានីភ្នំពេញ"),
    (25, "en", "Harbour reopened", "The old ferry line runs again. Ferry tickets, ferry times: COVID-19 rules ended."),
    (26, "en", "Ferry line reopens", "A short report."),
)  # fmt: skip


def make_index(path: str = ":memory:") -> sqlite3.Connection:
    conn = sqlite3.connect(path)
    for path in sorted(MIGRATIONS.glob("*.sql")):
        conn.executescript(path.read_text("utf-8"))
    conn.execute("INSERT INTO sources (slug, name, home, added_at) VALUES ('paper', 'Paper', 'https://p.example', '')")
    conn.execute("INSERT INTO sources (slug, name, home, added_at) VALUES ('other', 'Other', 'https://o.example', '')")
    return conn


def store(
    conn: sqlite3.Connection, number: int, language: str, title: str, text: str,
    published_at: str | None = "2024-05-01T12:00:00Z", source: int = 1,
) -> None:  # fmt: skip
    conn.execute("INSERT INTO articles_folded VALUES (?, ?, ?)", (number, *fold_columns(title, text)))
    conn.execute(
        """INSERT INTO articles (id, url, source_id, title, text, language, published_at, first_seen_at,
               canonical_url, last_seen_at, content_hash, text_hash)
           VALUES (?, ?, ?, ?, ?, ?, ?, '2024-05-03T00:00:00Z', '', '', '', '')""",
        (number, f"https://p.example/{number}", source, title, text, language, published_at),
    )


def check_integrity(conn: sqlite3.Connection) -> None:
    conn.execute("INSERT INTO articles_fts (articles_fts, rank) VALUES ('integrity-check', 1)")


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    conn = make_index()
    for article in ARTICLES:
        store(conn, *article)
    yield conn
    conn.close()


def found(conn: sqlite3.Connection, query: str) -> set[int]:
    return {hit.id for hit in search(conn, query, limit=100)}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("習近平", {1}), ("习近平", {1}), ("北京", {1}), ("北京大学", {1}), ("大学城", {1}), ("学", {1}),
        ("北京 习近平", {1}), ("京北", set()), ("平会", {1}), ("会议", {2, 3}), ("台湾", {2}), ("臺灣", {2}),
        ("国际会议", {2}), ("海洋环境", {2}), ("港口", {1}), ("城发", {1}),
        ("東京", {3}), ("料金", {3}), ("ガス", {3}), ("ｶﾞｽ", {3}), ("コンピューター", {3}), ("ｺﾝﾋﾟｭｰﾀｰ", {3}),
        ("한국", {4}), ("한국이", {4}), ("정책", {4}), ("발표", {4}),
        ("الحكومة", {5}), ("الحُكُومَة", {5}), ("الحكومه", {5}), ("الاعلام", {5}), ("الإعلام", {5}), ("الي", {5}),
        ("2024", {5}), ("المدرسة", {5}), ("حكوم", set()), ("الحكوم*", {5}),
        ("کتاب", {6}), ("كتاب", {6}), ("کتاب‌های", {6}), ("كتابهاي", set()), ("ایران", {6}), ("ايران", {6}),
        ("میگوید", set()), ("می‌گوید", {6}), ("يک سال", {6}), ("شہری", {7}), ("لاهور", {7}),
        ("שלום", {8}), ("שָׁלוֹם", {8}), ('צה"ל', {8}), ("צה״ל", {8}),
        ("हिन्दी", {9}), ("हिंदी", {9}), ("हिन*", {9}), ("हि*", {9}), ("हिन्दू", set()), ("जमीन", {9}), ("नीति", {9}),
        ("ไทย", {10}), ("รัฐบาล", {10}), ("กรุงเทพ", {10}), ("นโยบาย", {10}),
        ("armée", {11}), ("armee", {11}), ("l’armée", {11}), ("l'armee", {11}), ("ARMÉE", {11}), ("oeuvre", {11}),
        ("œuvre", {11}), ("Œuvre", {11}), ("ete", {11}), ('"à l’été"', {11}),
        ("Strasse", {12}), ("Straße", {12}), ("STRASSE", {12}), ("Fussgänger", {12}), ("Lubeck", {12}),
        ("елка", {13}), ("ёлка", {13}), ("Ёлка", {13}), ("районный", {13}), ("раионныи", set()),
        ("їжак", {14}), ("ґанок", {14}), ("об’єднання", {14}), ("п'ять", {14}), ("пʼять", {14}),
        ("Việt", {15}), ("viet nam", {15}), ("đà nẵng", {15}), ("da nang", {15}), ("duong", {15}),
        ("ανθρωπος", {16}), ("ΆΝΘΡΩΠΟΣ", {16}), ("άνθρωποσ", {16}), ("Ελλάδα", {16}), ("ελλαδα", {16}),
        ("κυβερνησεις", {16}), ("istanbul", {17}),
        ("İSTANBUL", {17}), ("ilik", {17}), ("ılık", {17}), ("ISTANBUL", {17}), ("igdir", {17}),
        ("diyarbakir", {17}), ("Łódź", {18}), ("lodz", {18}), ("zrodlo", {18}), ("wlasne", {18}), ("łód*", {18}),
        ("aero", {19}), ("faerge", {19}), ("oen", {19}), ("strynø", {19}), ("þing", {20}), ("thing", {20}),
        ("forsaetisradherra", {20}), ("বাংলাদেশের", {21}), ("ঢাকা", {21}), ("தமிழ்", {22}), ("မြန်မာ", {23}),
        ("ရန်ကုန်", {23}), ("កម្ពុជា", {24}), ("ភ្នំពេញ", {24}),
        ("ferry", {25, 26}), ("title:ferry", {26}), ("ferry -report", {25}), ("ferry -title:ferry", {25}),
        ("report OR rules", {25, 26}), ('"old ferry line"', {25}), ('"ferry line"', {25, 26}), ('"line ferry"', set()),
        ("reop*", {25, 26}), ('"ferry li*"', set()), ('"ferry lin"*', {25, 26}), ("ferry AND tickets", {25}),
        ("covid-19", {25}), ("covid19", set()), ("ferry OR 北京 -report", {25, 1}), ("OR", set()), ("ferry OR", set()),
        ('title:"ferry line"', {26}), ("“ferry line”", {25, 26}), ("title:习近平", {1}), ("title:北京", set()),
        ("ferry -", {25, 26}), ("ferry & tickets", {25}), ('"', set()), ("", set()), ("***", set()), ("()", set()),
        ("old\x00ferry", {25}), ("ferry \x00 tickets", {25}), ("nosuchword", set()), ("foo:bar", set()),
    ],
)  # fmt: skip
def test_query_finds(index: sqlite3.Connection, query: str, expected: set[int]) -> None:
    assert found(index, query) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("-ferry", "at least one word"),
        ("ferry OR -line", "OR needs a word"),
        ("a" * (MAX_QUERY_LENGTH + 1), "too long"),
        ("a " * (MAX_TERMS + 1), "too many words"),
    ],
)
def test_query_that_makes_no_sense_says_why(index: sqlite3.Connection, query: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        search(index, query)


WORDS = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=6)
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            ['"', "'", "-", "*", "(", ")", "^", ":", "{", "}", "+", "OR", "AND", "NOT", "NEAR", "title:", "rowid:",
             "\x00", "\ud800", "\u200c", "\u0301", " ", "\n", "ferry", "北京", "हिन्", "الحُ", 'צה"ל', "“", "»",
             "\U000e0100", "\ue000"]
        ),
        st.text(st.characters(), max_size=6),
    ),
    max_size=14,
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(HOSTILE.map("".join) | HOSTILE.map(" ".join))
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


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_every_word_finds_its_text(words: list[str], data: st.DataObject) -> None:
    conn = make_index()
    try:
        store(conn, 1, "", "title", unicodedata.normalize("NFC", ", ".join(words)))
        word = data.draw(st.sampled_from(words))
        assert found(conn, f'"{word}"') == {1}
        assert found(conn, f'"{word}"*') == {1}
    finally:
        conn.close()


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


def test_long_text_is_cut_between_words_around_the_match() -> None:
    conn = make_index()
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


@pytest.fixture
def dated() -> Iterator[sqlite3.Connection]:
    conn = make_index()
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


def test_title_counts_more_than_text_and_new_more_than_old() -> None:
    conn = make_index()
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
