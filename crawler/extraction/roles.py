"""Lines that name several roles: who wrote, who edited. Editors and their labels, in the languages of the news."""

from __future__ import annotations

import re
from functools import lru_cache

from .anycase import AnyCase

EDITOR_WORDS = (
    r"rédact(?:eurs?|rices?|ion)|web editors?|editors?|editor-in-charge|editor responsable|"
    r"责任编辑|责编|网络编辑|实习编辑|值班编辑|编辑|編輯|責任編輯|編集者?|編集担当|校对|審核|审核|редакторы?|"
    r"ответственный редактор|веб-редактор|выпускающий редактор|"
    r"редактори|редактура|محررو?ن?|المحرر(?:ون|ة)?|تحرير|المحررين|ویراستار|دبیر|ایڈیٹر|עורכת?|संपादक|सम्पादक|संपादन|सम्पादन|"
    r"(?:द्वारा )?संपादित|एडिटर|সম্পাদনা|সম্পাদক|편집자?|편집인|에디터|"
    r"editor(?:es|as?)?|edición|redacci[oó]n|redactor(?:es|as?)?|edição|redação|redat?or(?:es|as?)?|redazione|"
    r"redattor[ei]|redattric[ei]|a cura della redazione|"
    r"redaktion|redakteure?|redakteurin(?:nen)?|redactie|eindredactie|redaktør|redaktör|"
    r"toimittaja|toimitus|redaktor(?:ka|zy)?|redagowa[łl]a?|redakce|editoři?|"
    r"szerkesztő|szerkesztette|urednik|urednica|уредник|editör(?:ler|ü)?|επιμέλεια|บรรณาธิการ|"
    r"biên tập(?: viên)?|penyunting|disunting|suntingan|mhariri"
)
EDITED_BY = (
    r"(?:copy )?edit(?:ed|ing) by|editad[oa] por|edição de|redigiert von|bearbeitet von|édité par|"
    r"redigerad av|redigert av|redigeret af|disunting oleh|editat de"
)
HAN_EDITORS = r"责任编辑|责编|網編|网编|编辑|編輯|責任編輯|校对|校對|审核|審核|编审"
NAMES_OF_HAN = r"(?=[\u3400-\u9fff]{2,4}(?:\W|$))"
LABEL = (
    rf"(?:(?P<label>(?:{EDITOR_WORDS}|{EDITED_BY})\s?[:：/／|])|(?:{EDITED_BY})\s|(?:{HAN_EDITORS})\s+{NAMES_OF_HAN})"
)
EDITORS = re.compile(rf"^[\s(（\[【|*-]*{LABEL}\s*(?P<names>.+?)[\s)）\]】.。;]*$", re.I)
LABELLED = AnyCase(rf"[\s(（\[【|*-]*{LABEL}")  # how such a line begins: nearly all others are told by that, and faster
EDITORS_INSIDE = re.compile(
    rf"[(（\[【]\s*(?:{EDITOR_WORDS}|web editor|editor web|редактор сайта)\s?[:：]"
    r"\s*([^()（）\[\]【】]{2,120})[)）\]】][\s.。]*$",
    re.I,
)
BEHIND = re.compile(rf"(?:^|[\s|｜,，;；、.。·•(（/／—–-]){LABEL}".replace("?P<label>", "?:"), re.I)
# Literals only: they are found by their first letters, so that asking costs nothing.
MENTIONED = re.compile(
    "Edit|edit|EDIT|Édit|édit|Redig|redig|Bearbeitet|bearbeitet|编|編|校|审核|審核|Редактор|редактор|संपा|सम्पा|편집|Disunting|disunting"
)
# Where another role begins.
OTHER = re.compile(
    r"[\s,，;；|｜/／]+(?=(?:记者|記者|作者|通讯员|来源|來源|摄影|攝影|图片?|文|制图|视频)\s?[:：/／\s]|"
    r"(?:reporting|written|photo(?:graph)?s?|video|graphics|translated|additional reporting) (?:by\b|:)|(?:photo|source|by)\s?:|by\s)",
    re.I,
)
# "(Reporting by ...)", "新京报记者 ...": what stands before the label of an author
OPENED = re.compile(r"^[(（\[【]\s*(?=\S)|^[\u3400-\u9fff]{2,6}(?=(?:记者|記者)\s)")
EDGES = " \u3000,，;；|｜·•/／—–-(（"


def editors_line(line: str) -> re.Match[str] | None:
    """Match a line that begins with the label of editors."""
    return EDITORS.match(line) if LABELLED.match(line) else None


@lru_cache(maxsize=1024)  # bylines and editors are looked for in the same lines
def parted(line: str) -> tuple[str, tuple[str, ...]]:
    """Return a line without its editors, and what it says of each of them: "记者 张三 编辑 李四", "By A; editing by B"."""
    if not MENTIONED.search(line):
        return line, ()
    first, *others = BEHIND.split(line)
    rest, given = [first], []
    for other in others:
        names, *more = OTHER.split(other, maxsplit=1)
        given.append(names.strip(EDGES + ".。)）]】"))
        rest += more
    return " ".join(part.strip(EDGES) for part in rest if part.strip(EDGES)), tuple(given)
