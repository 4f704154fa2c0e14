from __future__ import annotations

import pytest

from crawler.discovery.entry import Entry
from crawler.extraction.creditlines import byline_of, closing_of, dateline_of, editors_of, without_editors
from crawler.extraction.names import agencies_in, is_person, split

from .pages import PARAGRAPHS, TITLE, URL, article, html

BYLINES = [
    ("en", "By Anna Muster and Ben Sample", ("Anna Muster", "Ben Sample")),
    ("en-bar", "By Anna Muster | Friday", ("Anna Muster",)),
    ("en-city", "By Anna Muster, London", ("Anna Muster",)),
    ("en-three", "By Anna Muster, Ben Sample and Cleo Probe", ("Anna Muster", "Ben Sample", "Cleo Probe")),
    ("en-date", "By Anna Muster 12 March 2024", ("Anna Muster",)),
    ("en-initials", "By A. B. Sample", ("A. B. Sample",)),
    ("en-capitals", "BY ANNA MUSTER", ("ANNA MUSTER",)),
    ("en-place", "By Anna Muster in London", ("Anna Muster",)),
    ("de-forms", "Autor/in: Anna Muster", ("Anna Muster",)),
    ("de-pair", "Autorin/Autor Jörg Beispiel", ("Jörg Beispiel",)),
    ("de-star", "Autor*innen: Anna Muster, Jörg Beispiel", ("Anna Muster", "Jörg Beispiel")),
    ("en-date-behind", "By Anna Muster May 1, 2024", ("Anna Muster",)),
    ("en-date-before", "May 1, 2024 | By Anna Muster", ("Anna Muster",)),
    ("en-posted", "Posted by Anna Muster on May 1, 2024", ("Anna Muster",)),
    ("en-role", "By Anna Muster Staff Reporter", ("Anna Muster",)),
    ("en-beat", "By Anna Muster Chief Political Correspondent", ("Anna Muster",)),
    ("en-slash", "By Anna Muster and Ben Sample  /  Staff reporters", ("Anna Muster", "Ben Sample")),
    ("en-editing", "Reporting by Anna Muster; Editing by Ben Sample", ("Anna Muster",)),
    ("de-written", "Geschrieben von Anna Muster am 1. Mai 2024", ("Anna Muster",)),
    ("de-interview", "Ein Interview von Anna Muster", ("Anna Muster",)),
    ("fr-published", "Publié par Anna Muster le 1 mai 2024", ("Anna Muster",)),
    ("fr-envoy", "Par Anna Muster, envoyée spéciale à Kiev", ("Anna Muster",)),
    ("es-date", "Por Anna Muster - 01/05/2024", ("Anna Muster",)),
    ("da-written", "Skrevet af Mette Holm", ("Mette Holm",)),
    ("ko", "홍길동 기자 hong@example.kr", ("홍길동",)),
    ("ko-brackets", "[홍길동 기자]", ("홍길동",)),
    ("ko-two", "입력 2024.05.01 10:00 | 홍길동 기자 · 김철수 선임기자", ("홍길동", "김철수")),
    ("de", "Von Anna Muster und Jörg Beispiel", ("Anna Muster", "Jörg Beispiel")),
    ("de-city", "Von Anna Muster, Berlin", ("Anna Muster",)),
    ("de-essay", "Ein Kommentar von Anna Muster", ("Anna Muster",)),
    ("fr", "Par Jean Dupont et Marie Martin", ("Jean Dupont", "Marie Martin")),
    ("es", "Por María López y Juan Pérez", ("María López", "Juan Pérez")),
    ("pt", "Por João Silva e Ana Souza", ("João Silva", "Ana Souza")),
    ("it", "di Mario Rossi e Anna Bianchi", ("Mario Rossi", "Anna Bianchi")),
    ("nl", "Door Jan de Vries en Piet Bakker", ("Jan de Vries", "Piet Bakker")),
    ("sv", "Av Lars Svensson och Eva Berg", ("Lars Svensson", "Eva Berg")),
    ("da", "Af Lars Hansen og Mette Holm", ("Lars Hansen", "Mette Holm")),
    ("ru", "Автор: Иван Петров", ("Иван Петров",)),
    ("ru-two", "Текст: Иван Петров, Анна Иванова", ("Иван Петров", "Анна Иванова")),
    ("zh", "记者：张三 李四", ("张三", "李四")),
    ("zh-ours", "本报记者 张三", ("张三",)),
    ("zh-text", "文/王小明", ("王小明",)),
    ("ja", "文・山田太郎", ("山田太郎",)),
    ("ar", "بقلم: أحمد علي", ("أحمد علي",)),
    ("fa", "نویسنده: رضا کریمی", ("رضا کریمی",)),
    ("tr", "Yazar: Ayşe Yılmaz", ("Ayşe Yılmaz",)),
    ("id", "Oleh: Budi Santoso", ("Budi Santoso",)),
    ("el", "Συντάκτης: Γιώργος Παππάς", ("Γιώργος Παππάς",)),
]


@pytest.mark.parametrize(("line", "people"), [case[1:] for case in BYLINES], ids=[case[0] for case in BYLINES])
def test_byline(line: str, people: tuple[str, ...]) -> None:
    credit = byline_of(line)
    assert credit is not None
    assert credit.people == people


@pytest.mark.parametrize(
    "line",
    [
        "By the end of the year the bridge will be open to all traffic.",
        "Von nun an fährt die Bahn wieder über den Fluss.",
        "Par ailleurs, le pont rouvre vendredi.",
        "Por otra parte, el puente abre mañana",
        "Video: Anna Muster",
        "Mehr Verkehr | weniger Züge",
        "Share this article",
        "By popular demand",
        "Na Li",
        "By Our Science Correspondent",
        "Par Le Quotidien il y a 3 heures",
        "기자들은 다리가 열렸다고 전했다",
    ],
)
def test_no_byline(line: str) -> None:
    assert byline_of(line) is None


EDITORS = [
    ("fr", "(Rédacteurs :孙晨晨, Yishuang Liu)", ("孙晨晨", "Yishuang Liu")),
    ("fr-full-stop", "(Rédacteurs : 孙晨晨, Yishuang Liu).", ("孙晨晨", "Yishuang Liu")),
    ("fr-wide", "（Rédacteur：Jean Dupont）", ("Jean Dupont",)),
    ("en", "(Web editor: Zhang Wei, Mary Sample)", ("Zhang Wei", "Mary Sample")),
    ("en-by", "Editing by Anna Muster and Ben Sample", ()),
    ("en-edited", "Edited by: Anna Muster", ("Anna Muster",)),
    ("zh", "责任编辑：王五", ("王五",)),
    ("zh-brackets", "(责编：张三、李四)", ("张三", "李四")),
    ("zh-wide", "（编辑：赵六）", ("赵六",)),
    ("ja", "（編集：山田太郎）", ("山田太郎",)),
    ("ko", "편집: 김철수", ("김철수",)),
    ("ru", "(Редактор: Анна Иванова)", ("Анна Иванова",)),
    ("ru-two", "Редакторы: Анна Иванова, Ли Мин", ("Анна Иванова", "Ли Мин")),
    ("ar", "(المحرر: أحمد علي)", ("أحمد علي",)),
    ("es", "(Editor: Juan Pérez)", ("Juan Pérez",)),
    ("es-office", "(Redactores: Juan Pérez, Elena Sol)", ("Juan Pérez", "Elena Sol")),
    ("pt", "(Redator: João Silva)", ("João Silva",)),
    ("it", "(Redattore: Mario Rossi)", ("Mario Rossi",)),
    ("de", "Redaktion: Anna Muster", ("Anna Muster",)),
    ("pl", "Redaktor: Jan Kowalski", ("Jan Kowalski",)),
    ("tr", "Editör: Ayşe Yılmaz", ("Ayşe Yılmaz",)),
    ("vi", "Biên tập: Nguyễn An", ("Nguyễn An",)),
    ("id", "Penyunting: Budi Santoso", ("Budi Santoso",)),
    ("hi", "संपादक: राम कुमार", ("राम कुमार",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "people"), [case[1:] for case in EDITORS if case[2]], ids=[case[0] for case in EDITORS if case[2]]
)
def test_editors(line: str, people: tuple[str, ...]) -> None:
    assert editors_of(line) == people


def test_editors_at_the_end_of_a_paragraph() -> None:
    paragraph = "The bridge will open on Friday, said the mayor. (Web editor: Zhang Wei, Mary Sample)"
    assert editors_of(paragraph) == ("Zhang Wei", "Mary Sample")
    assert without_editors(paragraph) == "The bridge will open on Friday, said the mayor."


@pytest.mark.parametrize(
    "line", ["The editor of the paper said: nothing.", "Editorial", "Rédaction", "(Photo: Anna Muster)"]
)
def test_no_editors(line: str) -> None:
    assert editors_of(line) == ()
    assert without_editors(line) == line


AGENCIES = [
    ("bar-and-date", "Xinhua | 23.07.2020 09h21", ("Xinhua",)),
    ("source-zh", "来源：新华社", ("Xinhua",)),
    ("source-de", "Quelle: dpa/AFP", ("dpa", "AFP")),
    ("source-ru", "Источник: ТАСС", ("TASS",)),
    ("source-es", "Fuente: EFE", ("EFE",)),
    ("source-ar", "المصدر: رويترز", ("Reuters",)),
    ("by", "By Reuters", ("Reuters",)),
    ("lower-case", "(afp/reuters)", ("AFP", "Reuters")),
]


@pytest.mark.parametrize(("line", "agencies"), [case[1:] for case in AGENCIES], ids=[case[0] for case in AGENCIES])
def test_agency_lines(line: str, agencies: tuple[str, ...]) -> None:
    credit = byline_of(line)
    assert credit is not None
    assert credit.agencies == agencies
    assert credit.people == ()


DATELINES = [
    ("ap", "WASHINGTON (AP) - The bridge reopened.", "WASHINGTON", ("AP",), ()),
    ("ap-dash", "LISBON, Portugal (AP) — The bridge reopened.", "LISBON", ("AP",), ()),
    ("xinhua-fr", "PARIS, 23 juillet (Xinhua) -- Le pont rouvre.", "PARIS", ("Xinhua",), ()),
    ("reuters", "LONDON, March 12 (Reuters) - The bridge reopened.", "LONDON", ("Reuters",), ()),
    ("dpa", "Berlin (dpa) - Die Brücke ist offen.", "Berlin", ("dpa",), ()),
    ("dpa-region", "Berlin/Hamburg (dpa/lno) - Die Brücke ist offen.", "Berlin/Hamburg", ("dpa",), ()),
    ("xinhua-zh", "新华社北京11月20日电（记者张三、李四）大桥重新开放。", "北京", ("Xinhua",), ("张三", "李四")),
    ("yonhap", "(서울=연합뉴스) 홍길동 기자 = 다리가 다시 열렸다.", "서울", ("Yonhap",), ("홍길동",)),
    ("kyodo", "【北京=共同】橋が再び開いた。", "北京", ("Kyodo",), ()),
    ("ria", "МОСКВА, 24 апр — РИА Новости. Мост открыт.", "МОСКВА", ("RIA Novosti",), ()),
    ("tass", "МОСКВА, 24 апреля. /ТАСС/. Мост открыт.", "МОСКВА", ("TASS",), ()),
    ("ansa", "(ANSA) - ROMA, Il ponte riapre.", "", ("ANSA",), ()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "place", "agencies", "people"), [case[1:] for case in DATELINES], ids=[case[0] for case in DATELINES]
)
def test_dateline(line: str, place: str, agencies: tuple[str, ...], people: tuple[str, ...]) -> None:
    credit = dateline_of(line)
    assert credit is not None
    assert (credit.dateline, credit.agencies, credit.people) == (place, agencies, people)


def test_brackets_that_are_no_dateline() -> None:
    assert dateline_of("The party (founded in 1920) - is small.") is None


def test_closing() -> None:
    assert closing_of("... so der Minister. (dpa)") == ("dpa",)
    assert closing_of("... so der Minister. (Seite 3)") == ()


@pytest.mark.parametrize(
    ("text", "agencies"),
    [
        ("AFP", ["AFP"]),
        ("dpa, AP", ["dpa", "AP"]),
        ("The Associated Press", ["AP"]),
        ("Anna Muster, AP", []),
        ("", []),
        ("法新社", ["AFP"]),
    ],
)
def test_agencies_in(text: str, agencies: list[str]) -> None:
    assert agencies_in(text) == agencies


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Anna Muster, dpa", ["Anna Muster"]),
        ("Anna Muster (Berlin)", ["Anna Muster"]),
        ("anna.muster@example.org", []),
        ("Anna Muster anna.muster@example.org", ["Anna Muster"]),
        ("@annamuster", []),
        ("https://social.example/profile", []),
        ("Redaktion", []),
        ("Our staff reporter", []),
        ("Staff Writer", []),
        ("Редакция", []),
        ("本报讯", []),
        ("Example News", []),
        ("Muster, Anna", ["Anna Muster"]),
        ("Anna Muster & Ben Sample", ["Anna Muster", "Ben Sample"]),
        ("Anna Muster; Ben Sample", ["Anna Muster", "Ben Sample"]),
        ("By Anna Muster", ["Anna Muster"]),
        ("홍길동 기자", ["홍길동"]),
        ("Muster, Anna; Sample, Ben", ["Anna Muster", "Ben Sample"]),
        ("Anna Muster, Ben Sample, and Cleo Probe", ["Anna Muster", "Ben Sample", "Cleo Probe"]),
        ("Anna Muster, Ben Sample und Cleo Probe, dpa", ["Anna Muster", "Ben Sample", "Cleo Probe"]),
        ("Anna Muster / Ben Sample", ["Anna Muster", "Ben Sample"]),
        ("Anna Muster | The Example", ["Anna Muster"]),
        ("Anna Muster - The Example", ["Anna Muster"]),
        ("Anna Muster, The Example", ["Anna Muster"]),
        ("Anna Muster for The Example", ["Anna Muster"]),
        ("Anna Muster, Special to The Example", ["Anna Muster"]),
        ("Anna Muster, Political Editor", ["Anna Muster"]),
        ("Anna Muster in London and Ben Sample in New York", ["Anna Muster", "Ben Sample"]),
        ("Anna Muster aus Berlin", ["Anna Muster"]),
        ("Anna Muster (mlu)", ["Anna Muster"]),
        ("Anna Muster avec AFP", ["Anna Muster"]),
        ("Reuters / Anna Muster", ["Anna Muster"]),
        ("Anna Muster, PhD", ["Anna Muster"]),
        ("Robert Muster, Jr., Anna Sample", ["Robert Muster Jr", "Anna Sample"]),
        ("Dr. Anna Muster", ["Dr. Anna Muster"]),
        ("dpa/abc", []),
        ("abc/dpa", []),
        ("xyz/hosb; kesm", ["xyz/hosb", "kesm"]),
        ("Von unserem Korrespondenten Ben Sample", ["Ben Sample"]),
        ("By our staff reporter Ben Sample", ["Ben Sample"]),
        ("Ludwig van der Berg and Maria dos Santos e Silva", ["Ludwig van der Berg", "Maria dos Santos e Silva"]),
        ("José Ortega y Muster y Ana López Ruiz", ["José Ortega y Muster", "Ana López Ruiz"]),
        ("María de la Cruz y Ana López", ["María de la Cruz", "Ana López"]),
        ("Piotr Muster i Anna Próbka", ["Piotr Muster", "Anna Próbka"]),
        ("Peter I Muster", ["Peter I Muster"]),
        ("di Mario Rossi ed Elena Bianchi", ["Mario Rossi", "Elena Bianchi"]),
        ("Na Li", ["Na Li"]),
        ("Di Wang, Av Harper", ["Di Wang", "Av Harper"]),
        ("Angelo Di Muster", ["Angelo Di Muster"]),
        ("Seán O’Brien & Mary-Jane D'Arcy", ["Seán O’Brien", "Mary-Jane D'Arcy"]),
        ("ANNA MUSTER, BEN SAMPLE", ["ANNA MUSTER", "BEN SAMPLE"]),
        ("Ayşe Yılmaz ve Mehmet Öz", ["Ayşe Yılmaz", "Mehmet Öz"]),
        ("Иван Петров и Мария Иванова", ["Иван Петров", "Мария Иванова"]),
        ("अमित कुमार", ["अमित कुमार"]),
        ("محمد علي و سارة حسن", ["محمد علي", "سارة حسن"]),
    ],
)
def test_people_in_a_field(text: str, people: list[str]) -> None:
    assert [name for kind, name in split(text, ("The Example",)) if kind == "person"] == people


def test_the_site_itself_is_nobody() -> None:
    assert [kind for kind, _ in split("The Example", ("the example",))] == ["other"]


@pytest.mark.parametrize(
    "name", ["", "x", "12 March", "What happened?", "a" * 80, "one two three four five six seven eight"]
)
def test_no_person(name: str) -> None:
    assert not is_person(name)


class TestPages:
    def test_jsonld_before_line(self) -> None:
        ld = '<script type="application/ld+json">{"@type":"NewsArticle","author":[{"@type":"Person","name":"Anna Muster"}]}</script>'
        draft = article(html("<p>By Ben Sample</p>", ld))
        assert draft.authors == ("Anna Muster",)
        assert draft.provenance["authors"] == "jsonld"

    def test_line_when_nothing_else(self) -> None:
        draft = article(html("<p>By Ben Sample and Cleo Probe</p>"))
        assert draft.authors == ("Ben Sample", "Cleo Probe")
        assert draft.provenance["authors"] == "rule"
        assert "Ben Sample" not in draft.text

    @pytest.mark.parametrize(
        ("name", "authors", "agency"),
        [
            ("AFP", ("AFP",), "AFP"),
            ("The Associated Press", ("The Associated Press",), "AP"),
            ("AFP, Reuters", ("AFP", "Reuters"), "AFP, Reuters"),
            ("The Example and AFP", ("The Example and AFP",), "AFP"),
            ("dpa/abc", ("dpa/abc",), "dpa"),
        ],
    )
    @pytest.mark.parametrize("kind", ["Organization", "Person"])
    def test_agency_signs_when_no_person_does(self, kind: str, name: str, authors: tuple[str, ...], agency: str) -> None:
        draft = article(html("", self._signed(kind, name)))
        assert (draft.authors, draft.agency) == (authors, agency)

    def test_person_before_the_agency(self) -> None:
        draft = article(html("", self._signed("Person", "Anna Muster, AFP")))
        assert (draft.authors, draft.agency) == (("Anna Muster",), "AFP")

    def test_agency_of_a_line_is_no_author(self) -> None:
        assert article(html("<p>By Reuters</p>")).authors == ()

    def test_marked_block(self) -> None:
        assert article(html('<div class="article-author"><a href="/a">Anna Muster</a></div>')).authors == (
            "Anna Muster",
        )

    @pytest.mark.parametrize(
        "block",
        [
            '<div class="author-details"><span>Anna Muster</span> | <span>Ben Sample</span></div>',
            '<div class="Authors_authors-container__x1"><a href="/a">Anna Muster</a><a href="/b">Ben Sample</a></div>',
            '<ul class="author-list"><li>Anna Muster</li><li>Ben Sample</li></ul>',
            '<div class="author"><b>Anna Muster</b><i>Political Editor</i></div><div class="author">Ben Sample</div>',
            '<div class="author"><b>Anna</b> <b>Muster</b></div><div class="author">Ben Sample</div>',
            '<div><a href="/author/anna-muster">Anna Muster</a> <a href="/author/ben-sample">Ben Sample</a></div>',
            "<div>By</div><div>Anna Muster and Ben Sample</div>",
            '<div class="byline"><span>By</span><a href="/x">Anna Muster</a>, <a href="/y">Ben Sample</a><time>May 1, 2024</time></div>',
            "<ul><li>By Anna Muster</li><li>By Ben Sample</li></ul>",
            '<div class="author-names">By Anna Muster</div><div class="author-names">Ben Sample</div>',
        ],
    )
    def test_two_authors_whose_names_the_markup_sets_apart(self, block: str) -> None:
        assert article(html(block)).authors == ("Anna Muster", "Ben Sample")

    def test_feed_as_last_witness(self) -> None:
        draft = article(html(), hint=Entry(url=URL, title=TITLE, authors=("Anna Muster",)))
        assert draft.authors == ("Anna Muster",)
        assert draft.provenance["authors"] == "feed"

    def test_dateline_of_the_first_paragraph(self) -> None:
        draft = article(
            html(
                paragraphs=(
                    "LISBON (AP) - The bridge across the old harbour opened to traffic again on Friday.",
                    *PARAGRAPHS[1:],
                )
            )
        )
        assert (draft.agency, draft.dateline) == ("AP", "LISBON")

    @staticmethod
    def _signed(kind: str, name: str) -> str:
        author = f'{{"@type":"{kind}","name":"{name}"}}'
        return (
            f'<script type="application/ld+json">{{"@type":"NewsArticle","author":{author},'
            '"publisher":{"@type":"Organization","name":"The Example"}}</script>'
        )

    @pytest.mark.parametrize(
        ("kind", "name", "authors"),
        [
            ("Organization", "Example World Service", ("Example World Service",)),
            ("Person", "The Example", ("The Example",)),
            ("Organization", "example.org", ("example.org",)),
            ("Person", "example.org", ("example.org",)),
            ("Person", "Example News", ("Example News",)),
            ("Person", "Emily Post", ("Emily Post",)),
            ("Organization", "Redaktion", ()),
            ("Person", "Example Staff", ()),
            ("Person", "Unknown", ()),
            ("Person", "News agencies", ()),
            ("Organization", "desk@example.org", ()),
            ("Organization", "https://www.example.org/about", ()),
        ],
    )
    def test_house_signs_when_no_person_does(self, kind: str, name: str, authors: tuple[str, ...]) -> None:
        assert article(html("", self._signed(kind, name))).authors == authors

    def test_person_of_the_page_before_the_house(self) -> None:
        draft = article(html("<p>By Ben Sample</p>", self._signed("Organization", "The Example")))
        assert draft.authors == ("Ben Sample",)

    @pytest.mark.parametrize(
        ("head", "line"),
        [
            ("", '<div><a href="/author/ben-sample/">Ben Sample</a></div>'),
            ("", "<address>Ben Sample</address>"),
        ],
        ids=["author page", "address element"],
    )
    def test_bare_name_with_a_second_witness(self, head: str, line: str) -> None:
        assert article(html(line, head)).authors == ("Ben Sample",)

    @pytest.mark.parametrize("line", ["<div>West Harbour</div>", '<div><a href="/world/">Middle East</a></div>'])
    def test_bare_line_without_one_is_nobody(self, line: str) -> None:
        assert article(html(line)).authors == ()

    def test_byline_that_names_more_than_the_data(self) -> None:
        names = "<address>Anna Muster</address><address>Ben Sample</address>"
        assert article(html(names, self._signed("Person", "Ben Sample"))).authors == ("Anna Muster", "Ben Sample")

    @pytest.mark.parametrize(
        ("line", "authors", "agency"),
        [
            ('2024年5月2日 来源：新华社 <a href="#c">我要评论</a>', (), "Xinhua"),
            ('2024年5月2日 来源：江河晨报网 作者：周晓禾 <a href="#c">我要评论</a>', ("周晓禾",), ""),
            ("<span>Источник: ТАСС</span><span>Просмотров: 1243</span>", (), "TASS"),
            ("<span>المصدر: رويترز</span><span>12</span>", (), "Reuters"),
            ('<time datetime="2024-05-02T10:00+09:00">2024年5月2日 10時</time> <span>（共同）</span>', (), "Kyodo"),
            ('<span>By Reuters</span><time datetime="2024-05-02T10:00Z">May 2, 2024</time>', (), "Reuters"),
            ("<span>By Ben Sample</span><span>3 min</span>", ("Ben Sample",), ""),
        ],
        ids=["zh source", "zh author", "ru", "ar", "ja", "en agency", "en"],
    )
    def test_line_of_several_parts(self, line: str, authors: tuple[str, ...], agency: str) -> None:
        draft = article(html(f"<div>{line}</div>"))
        assert (draft.authors, draft.agency) == (authors, agency)

    def test_site_that_a_template_names_does_not_sign_for_an_agency(self) -> None:
        head = '<meta name="author" content="The Example"><meta property="og:site_name" content="The Example">'
        assert article(html("<p>Source: Reuters</p>", head)).authors == ()
        assert article(html("", head)).authors == ("The Example",)
