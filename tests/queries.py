"""A small archive in many languages and what each of many queries finds in it: for the library, the command line, the
page and the table's box alike."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from hypothesis import strategies as st

from archive.folding import fold_columns

MIGRATIONS = Path(__file__).parents[1] / "archive" / "migrations"

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

# id, source, language, title, text, section, agency, authors, time: what the fields narrow by.
REPORTS = (
    (31, 2, "en", "Ministers meet in Oslo", "Summitword was all they said.", "World", "Reuters", ("Anna Berg",), "2023-12-31T23:59:59Z"),
    (32, 2, "en", "Ministers part in Oslo", "Summitword again.", "World Cup", "", ("Anna Berg", "José Núñez"), "2024-01-01"),
    (33, 3, "ar", "الوزراء في أوسلو", "قالوا summitword فقط.", "العالم", "وكالة الأنباء", ("سَلْمى حدّاد",), "2024-01-31T10:00:00Z"),
    (34, 3, "zh", "部长们在奥斯陆", "只说了 summitword。", "國際", "新华社", ("记者王芳",), "2024-02-01T00:00:00Z"),
    (35, 2, "", "Oslo", "Summitword.", "", "", (), None),
)  # fmt: skip

SOURCES = (
    ("paper", "Paper", "gb"), ("other", "Other Voices", "no"), ("sada", "صدى الميناء", "lb"),
)  # fmt: skip

# A query, and the articles that it finds.
QUERIES: tuple[tuple[str, set[int]], ...] = (
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
    ("summitword", {31, 32, 33, 34, 35}), ("summitword lang:en", {31, 32}), ("lang:ar lang:zh summitword", {33, 34}),
    ("lang:ar OR lang:zh summitword", {33, 34}), ("summitword -lang:en", {33, 34, 35}), ("lang:none", {35}),
    ("summitword language:EN", {31, 32}), ("lang：zh summitword", {34}), ("lang:zh-Hant summitword", {34}),
    ("summitword source:other", {31, 32, 35}), ('source:"Other Voices" summitword', {31, 32, 35}), ("source:sada", {33, 34}),
    ("source:صدى", {33, 34}), ("source:voices summitword", {31, 32, 35}), ("source:nosuch", set()), ("-source:paper", {31, 32, 33, 34, 35}),
    ("country:no", {31, 32, 35}), ("country:NO lang:en", {31, 32}), ("-country:gb -country:no", {33, 34}),
    ("section:world", {31}), ("section:World", {31}), ('section:"world cup"', {32}), ("section:wor*", {31, 32}), ("section:cup", {32}),
    ("section:国际", {34}), ("section:العالم", {33}), ("section:none summitword", {35}), ("summitword -section:world", {32, 33, 34, 35}),
    ("agency:reuters", {31}), ("agency:新華社", {34}), ("agency:الأنباء", {33}), ("summitword agency:none", {32, 35}),
    ('author:"anna berg"', {31, 32}), ("author:berg", {31, 32}), ("author:nunez", {32}), ("author:سلمى", {33}), ("by:王芳", {34}),
    ("author:none summitword", {35}), ('summitword -author:"José Núñez"', {31, 33, 34, 35}),
    ("summitword after:2024", {32, 33, 34, 35}), ("summitword before:2024", {31}), ("summitword after:2024-01 before:2024-02", {32, 33}),
    ("summitword after:2024-01-31T10:00Z before:2024-02-01", {33}), ("summitword before:2024-01-31", {31, 32}),
    ("summitword after:2024-01-01T00:00Z before:2024-01-02", {32}),
    ("summitword until:2023", {31}),
    ("summitword until:2024-01", {31, 32, 33}),
    ("summitword from:2024-02 until:2024-02-01", {34}),
    ("ｌａｎｇ：ａｒ summitword", {33}),
    ("ferry ＯＲ summitword lang:en", {25, 26, 31, 32}),
    ('section:"none"', set()),
    ('section:"wor*"', set()),
    ('summitword author:none author:"anna berg"', {31, 32, 35}),
    ("summitword -author:none -author:nunez", {31, 33, 34}),
    ("summitword until:2023-12", {31}),
    ("after:2024-05-03", {35}), ("summitword after:2024-02 after:2023", {34, 35}), ("after:2025 before:2024", set()),
    ("title:oslo -lang:en", {35}), ("-summitword source:sada", set()), ("title:ministers author:berg before:2024", {31}),
    ('"summitword again" OR "summitword was" country:no', {31, 32}), ("奥斯陆 agency:新华社 after:2024-02-01", {34}),
)  # fmt: skip


# Whatever can be typed, and what nobody would.
_PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            ['"', "'", "-", "*", "(", ")", "^", ":", "{", "}", "+", "OR", "AND", "NOT", "NEAR", "title:", "rowid:", "until:9999", "until:9999-12-31", "lang:", "source:", "after:", "before:2024", "-lang:fr", "agency:none",
             "\x00", "\ud800", "\u200c", "\u0301", " ", "\n", "ferry", "北京", "हिन्", "الحُ", 'צה"ל', "“", "»",
             "\U000e0100", "\ue000"]
        ),
        st.text(st.characters(), max_size=6),
    ),
    max_size=14,
)  # fmt: skip
HOSTILE = _PIECES.map("".join) | _PIECES.map(" ".join)


def make_index(path: str = ":memory:") -> sqlite3.Connection:
    conn = sqlite3.connect(path)
    for script in sorted(MIGRATIONS.glob("*.sql")):
        conn.executescript(script.read_text("utf-8"))
    add_sources(conn)
    return conn


def add_sources(conn: sqlite3.Connection) -> None:
    """Store the sources of the articles."""
    for slug, name, country in SOURCES:
        conn.execute(
            "INSERT INTO sources (slug, name, country, home, added_at) VALUES (?, ?, ?, ?, '')",
            (slug, name, country, f"https://{slug}.example/"),
        )


def store(
    conn: sqlite3.Connection, number: int, language: str, title: str, text: str,
    published_at: str | None = "2024-05-01T12:00:00Z", source: int = 1, section: str = "", agency: str = "",
    authors: tuple[str, ...] = (),
) -> None:  # fmt: skip
    conn.execute("INSERT INTO articles_folded VALUES (?, ?, ?)", (number, *fold_columns(title, text)))
    conn.execute(
        """INSERT INTO articles (id, url, source_id, title, text, language, published_at, section, agency, authors,
               first_seen_at, canonical_url, last_seen_at, content_hash, text_hash)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '2024-05-03T00:00:00Z', '', '', '', '')""",
        (number, f"https://p.example/{number}", source, title, text, language, published_at, section, agency,
         json.dumps(authors, ensure_ascii=False)),
    )  # fmt: skip


def fill(conn: sqlite3.Connection) -> None:
    """Store the articles that the queries are about."""
    if not conn.in_transaction:  # sqlite3 begins one by itself
        conn.execute("BEGIN")
    for article in ARTICLES:
        store(conn, *article)
    for number, source, language, title, text, section, agency, authors, moment in REPORTS:
        store(conn, number, language, title, text, moment, source, section, agency, authors)
    conn.commit()
