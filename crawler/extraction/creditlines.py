"""Lines that say who made the article: bylines, editors' lines, agencies, datelines, as pages print them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .agencies import SHORT_FORMS
from .datelines import find_dates
from .moments import UTC_ZONE
from .names import agencies_in, is_person, split, tidy, without_by
from .roles import EDITORS_INSIDE, OPENED, editors_line, parted

MAX_LINE = 160  # characters of the longest credit line
OPENING = 220  # characters of a paragraph in which its dateline stands

SOURCE = re.compile(
    r"^[\s(（\[【|]*(?:source|sources?|quelle|quellen|fuentes?|fontes?|fonti?|bron|källa|kilde|lähde|źródło|zdroj|"
    r"forrás|sursa|izvor|извор|источник|джерело|източник|πηγή|kaynak|"
    r"المصدر|مصدر|منبع|ماخذ|מקור|स्रोत|সূত্র|来源|来源于|稿件来源|文章来源|消息来源|來源|出典|ソース|出所|출처|"
    r"ที่มา|nguồn|theo|sumber|"
    r"chanzo)\s?[:：]\s?(.{2,60}?)[\s)）\]】.。]*$",
    re.I,
)
TEAM = re.compile(
    r"^(?:video|photo|foto|bild|grafik|graphics?|illustration|translation|übersetzung|traduction|traducción|traduzione|перевод|翻译)\b",
    re.I,
)
SEPARATOR = re.compile(r"[|｜•·●/–—,-]")  # one of these is in each place where a line is parted
SEPARATED = re.compile(r"\s*(?:[|｜•·●/]|\s[-–—]\s|--|,)\s*")
REST = re.compile(
    r"\s*[|｜•·●]\s*|\s[-–—]\s|(?=\d)|\s{2,}|\s(?:in|aus)\s(?=[A-Z])|,?\s(?:on|am|le|el)(?:\s|$)|;\s*(?=\w+ing by\b)"
)
SURNAMED = r"[김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민진지엄채원천방공현함변염][가-힣]{2}(?<![부팀국실])"
HANGUL = r"[가-힣]{2,4}(?<![부팀국실])"
REPORTERS = re.compile(
    rf"(?:^|[\s|\[(·/=,])({HANGUL}(?:\s?[·ㆍ,/]\s?{HANGUL})*|{SURNAMED}(?:\s{SURNAMED})+)\s?"
    r"(?:(?:선임|인턴|수습|전문)\s?)?(?:기자|특파원)(?=$|[\s\])·|,=])"
)
BY_INSIDE = re.compile(r"\b(?:by|von|par|por|di|door|av|af)\s|автор", re.I)
HELPED = re.compile(r"(?:additional|further|with) reporting by:?\s+([^()\[\].;]{4,120})", re.I)
WRITTEN = re.compile(r"^(.{4,60}?)\sद्वारा(?:\sलिखित)?$")  # Hindi writes "by" behind the name
MAX_ROLE = 40  # characters beside an editor's name: a date, a source
DIGIT = re.compile(r"\d")
DATED_BYLINE = 100  # characters of a line with a date and a byline
LABEL_OF_DATE = 15  # characters before a date that a byline follows: "Published: "
BESIDE = 3  # words of what stands beside an agency, a place or a section; more is a caption
DASH = r"\s?(?:[-–—―]{1,2}|:|\.|=|\|)"
DATELINES = (
    # WASHINGTON (AP) - / PARIS, 23 juillet (Xinhua) -- / Berlin (dpa) - / LONDON, March 12 (Reuters) -
    re.compile(rf"^(?P<place>[^\W\d_][^()（）\d:;!?]{{1,40}}?)(?:,?\s[^()]{{0,25}})?\s?[(（](?P<agency>[^()（）]{{2,40}})[)）]{DASH}"),
    # (AP) - / (dpa) - / (ANSA) - ROMA
    re.compile(rf"^[(（](?P<agency>[^()（）]{{2,30}})[)）]{DASH}"),
    # 新华社北京11月20日电（记者张三、李四） / 中新网北京4月24日电
    re.compile(r"^(?P<agency>[\u4e00-\u9fff]{2,8}?[社网網])(?P<place>[\u4e00-\u9fff]{1,10}?)(?:\d{1,2}月)?\d{1,2}日[电電讯]\s?(?:[（(](?P<names>[^（）()]{2,60})[)）])?"),
    # (서울=연합뉴스) 홍길동 기자 =
    re.compile(r"^[(\[](?P<place>[^()=\[\]]{1,20})=(?P<agency>[^()=\[\]]{2,20})[)\]]\s?(?P<names>[가-힣·,\s]{2,40}?\s?(?:기자|특파원))?"),
    # 【北京=共同】 / 【ワシントン共同】
    re.compile(r"^【(?P<place>[^【】=＝]{1,20})[=＝]?(?P<agency>共同|時事|ロイター|ＡＰ|AP|AFP時事)】"),
    # МОСКВА, 24 апр — РИА Новости. / КИЕВ, 24 апреля. /ТАСС/
    re.compile(r"^(?P<place>[А-ЯЁІЇЄҐ][А-ЯЁІЇЄҐа-яёіїєґ -]{2,30}),\s\d{1,2}\s[а-яіїє]{3,9}\.?,?\s?[-–—./]+\s?"
        r"(?P<agency>[А-ЯЁA-Z][\wА-Яа-яёЁ -]{2,20}?)\s?[./,]"),
    # ROMA, 24 APR - (ANSA) / القاهرة - (أ ف ب)
    re.compile(r"^(?P<place>[^\W\d_][^()\d:;!?,]{1,30}),?\s[^()]{0,20}[-–—]\s?\((?P<agency>[^()]{2,30})\)"),
)  # fmt: skip
CLOSING = re.compile(r"[(（\[]\s*(?:(?:avec|mit|with|con|com|med|met)\s+)?([^()（）\[\]]{2,60}?)\s*[)）\]][\s.。]*$")


@dataclass(frozen=True, slots=True)
class Credit:
    """What one line gave."""

    people: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    dateline: str = ""


def editors_of(line: str) -> tuple[str, ...]:
    """Return the editors whom a line names, if it is an editors' line, ends with one in brackets or is one of several roles."""
    if len(line) <= MAX_LINE:
        if match := editors_line(line):
            return _people(match["names"]) if match["label"] else _named(match["names"])
        rest, given = parted(line)
        if given and (names := _named(", ".join(given))):
            alone = len(rest) <= MAX_ROLE and DIGIT.search(rest) and len(names) == len(list(split(", ".join(given))))
            if not rest or alone or SOURCE.match(rest) or HELPED.search(rest) or byline_of(rest) is not None:
                return names
    if "(" not in line and line.isascii() and "[" not in line:
        return ()
    match = EDITORS_INSIDE.search(line[-MAX_LINE:])
    return _people(match[1]) if match else ()


def helpers_of(line: str) -> tuple[str, ...]:
    """Return whom a line names for further reporting: "Additional reporting by Anna Muster in Lisbon"."""
    match = HELPED.search(line[-MAX_LINE:]) if "eporting by" in line else None
    return _named(_before_rest(parted(match[1])[0])) if match else ()


def is_editors_line(line: str) -> bool:
    """Tell a line that holds nothing but the editors."""
    return len(line) <= MAX_LINE and editors_line(line) is not None and bool(editors_of(line))


def without_editors(line: str) -> str:
    """Return a paragraph without the editors' bracket at its end."""
    match = EDITORS_INSIDE.search(line[-MAX_LINE:])
    return line[: len(line) - len(line[-MAX_LINE:]) + match.start()].rstrip() if match and _people(match[1]) else line


def byline_of(line: str) -> Credit | None:
    """Read a line such as "By A and B", "Von A, Berlin", "记者：张三", "Xinhua | 23.07.2020" or "Quelle: dpa"."""
    return None if len(line) > MAX_LINE else _byline_of(line)


@lru_cache(maxsize=1024)  # trimming and crediting ask about the same lines
def _byline_of(line: str) -> Credit | None:
    if TEAM.match(line):
        return None
    if match := SOURCE.match(line):
        found = agencies_in(match[1])
        return Credit(agencies=tuple(found)) if found else None
    if names := _reporters(line):
        return Credit(people=names)
    line = _behind_date(OPENED.sub("", parted(line)[0]))
    if "द्वारा" in line and (match := WRITTEN.match(line)):
        line = f"By {match[1]}"
    if (rest := without_by(line)) != line:
        parts = list(split(_before_rest(rest)))
        people = _without_places([name for kind, name in parts if kind == "person" and _looks_named(name)])
        agencies = tuple(name for kind, name in parts if kind == "agency")
        if (people or agencies) and len(people) + len(agencies) >= len([p for p in parts if p[0] == "other"]):
            return Credit(people=people, agencies=agencies)
        return None
    pieces = SEPARATED.split(line)[:3] if SEPARATOR.search(line) else [line]
    for part in (line, *pieces):
        found = agencies_in(part)
        if found and part.strip().casefold() not in SHORT_FORMS:
            return None if part is not line and any(map(_is_wordy, pieces)) else Credit(agencies=tuple(found))
    return None


def dateline_of(line: str) -> Credit | None:
    """Read the dateline at the beginning of a paragraph: "WASHINGTON (AP) -", "新华社北京11月20日电（记者张三）"."""
    opening = line[:OPENING]
    for pattern in DATELINES:
        match = pattern.match(opening)
        if not match:
            continue
        groups = match.groupdict()
        found = agencies_in(groups["agency"])
        if not found:
            continue
        people = _people(groups.get("names") or "")
        place = (groups.get("place") or "").strip(" ,./-–—")
        return Credit(people=people, agencies=tuple(found), dateline=place if len(place.split()) <= 4 else "")
    return None


def closing_of(line: str) -> tuple[str, ...]:
    """Return the agencies in brackets at the end of a text: "(afp/reuters)"."""
    match = CLOSING.search(line[-70:])
    return tuple(agencies_in(match[1])) if match else ()


def _named(text: str) -> tuple[str, ...]:
    return tuple(name for name in _people(text) if _looks_named(name))


def _people(text: str) -> tuple[str, ...]:
    return tuple(name for kind, name in split(text) if kind == "person")


def _without_places(names: list[str]) -> tuple[str, ...]:
    """Drop the city of "Von Anna Muster, Berlin": a single word after names of two."""
    if not names or len(names[0].split()) < 2:
        return tuple(names)
    return tuple(name for name in names if len(name.split()) > 1 or (not name.isascii() and not name[0].isupper()))


def _before_rest(text: str) -> str:
    """Cut a byline where a date, a bar or another part begins."""
    if DIGIT.search(text) and (found := next(find_dates(text, UTC_ZONE), None)):
        text = text[: found.start].rstrip()
    return REST.split(text, maxsplit=1)[0]


def _behind_date(line: str) -> str:
    """Return the byline that follows a date: "May 1, 2024 | By Anna Muster"."""
    if len(line) > DATED_BYLINE or not DIGIT.search(line) or not BY_INSIDE.search(line):
        return line
    found = next(find_dates(line, UTC_ZONE), None)
    return line[found.end :].strip(" |｜•·●-–—,") if found and found.start < LABEL_OF_DATE else line


def _is_wordy(piece: str) -> bool:
    return len(piece.split()) > BESIDE and not DIGIT.search(piece)


def _reporters(line: str) -> tuple[str, ...]:
    """Return the names that Korean writes before the word for reporter."""
    if len(line) > DATED_BYLINE or ("기자" not in line and "특파원" not in line):
        return ()
    return tuple(dict.fromkeys(name for names in REPORTERS.findall(line) for name in re.findall(r"[가-힣]{2,4}", names)))


def _looks_named(name: str) -> bool:
    """Tell a name from the rest of a sentence: each longer word of a script with case has a capital."""
    words = [word for word in tidy(name).split() if len(word) > 3]
    if not is_person(name):
        return False
    if name.isupper() or not any(char.isupper() or char.islower() for char in name):
        return True
    return name[0].isupper() and not any(word[0].islower() for word in (*words, name.split()[-1]))
