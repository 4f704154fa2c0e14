"""Names of people out of what pages put where a name belongs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .agencies import AGENCIES
from .anycase import AnyCase, lowered

MAX_NAME = 60
MAX_WORDS = 7
MAX_BY = 20  # characters of "Written by" and its like
MAX_AGENCIES = 100  # characters of a credit that names several agencies
AGENCY_MARKS = re.compile(r"\s*[,;/／|+&、]\s*|\s+(?:and|und|et|y|e|with|mit|en|og|och|и|و)\s+|\s*[-–]\s+")
EDGES = " .,:;()（）[]|/-–—\"'"  # of what may be an agency
AGENCY_EDGES = EDGES + "／+&、\t\n\u00a0\u3000"  # of what may be several
BEGINNINGS = frozenset(name[:2] for name in AGENCIES)
MAX_BYLINE = 1000  # characters of a field that are read; thirty authors fit

URL = re.compile(
    r"https?://\S+|www\.\S+|\b[\w-]+\.(?:com|net|org|de|co\.uk|fr|es|it|ru|cn|tr|br|pl|nl|se|no|dk|ch|at)\b", re.I
)
WEB = re.compile(
    r"https?://|www\.|\b[\w-]+\.(?:com|net|org|de|co\.uk|fr|es|it|ru|cn|tr|br|pl|nl|se|no|dk|ch|at|is)\b", re.I
)
EMAIL = re.compile(r"\S+@\S+\.\w+")
HANDLE = re.compile(r"(?<!\w)@\w+")
PARENTHESIS = re.compile(r"\s*[(（\[][^()（）\[\]]{0,80}[)）\]]")
BY = AnyCase(
    r"^(?:(?:written |words |reported |reporting |story |text |posted |published |interview )?by|from|"
    r"(?:text |geschrieben |veröffentlicht |aufgezeichnet |"
    r"eine? (?:(?:gast)?beitrag|analyse|kommentar|interview|reportage|bericht|essay|kolumne|porträt|rezension) )?von|"
    r"(?:propos recueillis |publié |écrit |rédigé |traduit )?par|(?:escrito |publicado )?por|scritto da|di|a cura di|"
    r"(?:geschreven )?door(?: onze (?:verslaggever|correspondent))?|deur|(?:skrevet |skriven |text )?(?:av|af)|"
    r"teksti|tekst|autorka|autorica|"
    r"szerző|írta|piše|пише|аутор|text|texte|texto|autora|autori|auteur|auteurs|autor(?:in|innen|en)?(?:[/:*_(]-?(?:in|innen|en|autor)\)?)?|"
    r"author|authors|autore|"
    r"автор|авторы|текст|автори|автор статьи|συντάκτ(?:ης|ρια)|γρ[άα]φ(?:ει|ουν)(?:\s(?:ο|η|οι))?|ρεπορτ[άα]ζ|κείμενο|του|της|των|yazar|yazan|muhabir|haber|بقلم|كتب|كتبت|تقرير|إعداد|"
    r"نوشته|نویسنده|تحریر|מאת|द्वारा|लेखक|লেখক|"
    r"记者|作者|撰文|本报记者|本网记者|通讯员|記者|撰稿|文|取材|글|기자|penulis|oleh|reporter|na|"
    r"mwandishi|bởi|tác giả|(?:เขียน|รายงาน|เรื่อง)?โดย|ผู้เขียน|ผู้สื่อข่าว|ผู้รายงาน|เรื่อง(?=\s?[:：]))"
    r"(?:\s*[:：/／|・]\s*|\s+(?=\S)|(?<=[\u3400-\u9fff]))",
)
AND = r"and|und|et|och|og|és|și|ve|и|та|і|και|و|और|এবং|with|mit|avec"
SPLIT = re.compile(
    rf"\s*(?:[,;、，；|•·&+]|\s[-–—](?=\s))\s*(?:(?:{AND}|e|y|en)\s+)?|\s(?:{AND})\s(?=\S)|(?:\s|^)و(?=\s)", re.I
)
# "and" in some languages and part of a name in others; a slash between names, or between the initials of a desk
PERHAPS = re.compile(r"(\s(?:e|ed|y|i|a|en|ja|dan|na|và|con|com)\s(?=\S)|\s*[/／]\s*)", re.I)
SUFFIXED = re.compile(r",\s*(?=(?:jr|sr|ii|iii|iv)\b)", re.I)
DEGREE = re.compile(r"^(?:ph\.?\s?d|m\.?d|dphil|msc|mba|esq|jd|rn)$", re.I)
PLACED = re.compile(r"^(\S+\s\S.*?)\s(?:(?:in|aus|à|en)\s+(?![a-zß-öø-ÿ])|(?:for|für|pour|para)\s+(?=[A-ZÄ-Þ@])).*$")
OURS = re.compile(
    r"^(?:our|unser\w*|notre|nuestr[oa]|noss[oa]|onze)\s+(?:[\w-]+\s+)??"
    r"[\w-]*(?:reporter\w*|[ck]orrespon[ds]\w+|korrespondent\w*|redakteur\w*|envoyée?|verslagge\w+)\s+(?=\S)",
    re.I,
)
SHORT_BY = re.compile(r"^(?:di|av|af|na|por|par)\s", re.I)  # also names that people are given
ROLE = re.compile(
    r"\b(?:staff|reporter|reporters|correspondent|editor|editors|editorial|writer|writers|journalist|columnist|"
    r"director|manager|producer|presenter|analyst|photographer|executive|specialist|contributor|bureau|desk|team|newsroom|newsdesk|"
    r"redaktion|redaktionen|redaktionelle|redakteur|redakteurin|korrespondent|korrespondentin|chefredakteur|autorin|"
    r"volontär|volontärin|"
    r"rédaction|journaliste|correspondant|correspondante|rédacteur|rédactrice|envoyé|envoyée|redacción|redactor|"
    r"redactora|corresponsal|periodista|agencias|agencies|agences|agenturen|"
    r"redação|redacção|correspondente|jornalista|redazione|redattore|corrispondente|giornalista|inviato|inviata|"
    r"redactie|verslaggever|correspondent|redaktionen|redaktør|journalist|"
    r"toimitus|toimittaja|redakcja|redakce|redakcia|szerkesztőség|redacția|redakcija|uredništvo|editörü|muhabiri|"
    r"haber merkezi|servisi|guest|admin|administrator|webmaster|online|"
    r"news|media|press|presse|newspaper|magazine|daily|times|post|herald|gazette|tribune|zeitung|nachrichten|"
    r"agentur|agency|ajansı|agence|agencia|agenzia|verlag|group|inc|ltd|gmbh|network|tv|radio|"
    r"newsletter|service|services|foundation|institute|stiftung|universität|university|digital|web|partner|"
    r"sponsored|advertorial|special to|contributors|various|unknown|anonymous|n/a|none|null)\b"
    r"|редакция|корреспондент|журналист|обозреватель|редакція|кореспондент|редакцията|σύνταξη|newsroom|تحرير|"
    r"التحرير|وكالات|مراسل|الوكالات|خبرنگار|תחریریہ|מערכת|כתב|डेस्क|संवाददाता|ब्यूरो|ডেস্ক|প্রতিবেদক|নিজস্ব|编辑部|"
    r"本报|"
    r"编辑|記者会|編集部|取材班|デジタル|新聞|通信|뉴스|편집국|กองบรรณาธิการ|ผู้สื่อข่าว|phóng viên|ban biên tập|"
    r"redaksi",
    re.I,
)  # fmt: skip
BEAT = (
    r"staff|senior|junior|chief|deputy|associate|assistant|special|guest|freelance|investigative|political|politics|foreign|"
    r"world|international|diplomatic|defen[cs]e|security|business|economics|financial|money|consumer|health|science|"
    r"environment|climate|education|crime|legal|social|home|affairs|royal|religion|transport|technology|tech|"
    r"arts?|culture|music|film|media|entertainment|lifestyle|showbiz|fashion|food|travel|property|features?|general|sports?|football|cricket|live|news|digital|data|video|local|city|bbc"
)
ROLES_BEHIND = (
    "reporter", "correspondent", "editor", "writer", "journalist", "columnist", "contributor", "producer",
)  # fmt: skip
TITLED = re.compile(
    rf"^((?!(?:our|the|an?)\s)\S+\s(?!(?:{BEAT})\s)\S.*?)\s(?:(?:{BEAT})\s){{0,4}}"
    rf"(?:{'|'.join(ROLES_BEHIND)})s?$",
    re.I,
)
DESK = re.compile(
    r"\b(?:staff|desk|team|newsroom|reporters?|editors?|editorial|writers?|contributors?|redaktion\w*|rédaction|redacción|"
    r"redação|redazione|redactie|toimitus|redakcj\w|redakce|redakcia|uredništvo|redacția|redaksi|haber merkezi|admin)\b|"
    r"редакци[яи]|редакція|编辑部|編集部|편집국|डेस्क|ডেস্ক|التحرير|תחריר|σύνταξη",
    re.I,
)
NOBODY = re.compile(
    r"^\W*(?:unknown|anonymous|n/a|none|null|undefined|default|various|guest|author|webmaster|user|news|nachrichten|"
    r"noticias|notícias|notizie|actualités|nieuws|nyheter|новости|(?:news )?agencies|agencias|agences|agenturen|agenzie)\W*$",
    re.I,
)
SUFFIX = re.compile(r"(?:\s*(?:기자|특파원|记者|記者|通讯员|기자\s*=?|人民网记者|氏))+$")
LETTERS = re.compile(r"[^\W\d_]")
DIGITS = re.compile(r"\d")
SPACELESS = re.compile("^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3・·\\s]+$")
SPACELESS_LIST = re.compile("^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3・·ㆍ,，、;；/／|\\s]+$")
HANGUL = re.compile("[\uac00-\ud7a3]")
LAST_FIRST = re.compile(r"[^\W\d_][\w'’.-]*,\s[^\W\d_][\w'’.-]*")
TITLES = re.compile(r"^(?:mr|mrs|ms|sir|dame)\.?\s+", re.I)


def agency_of(text: str) -> str:
    """Return the agency that `text` names, as the table calls it; "" if it names none."""
    return AGENCIES.get(" ".join(text.strip(EDGES).split()).casefold(), "")


def agencies_in(text: str) -> list[str]:
    """Return the agencies of a credit such as "afp/reuters" or "dpa, AP"; [] unless every part is one."""
    if len(text) > MAX_AGENCIES:
        return []
    if whole := agency_of(text):
        return [whole]
    if text.lstrip(AGENCY_EDGES)[:2].casefold()[:2] not in BEGINNINGS:
        return []
    found = [agency_of(part) for part in _agency_split(text)]
    return list(dict.fromkeys(found)) if found and all(found) else []


def agency_parts(text: str) -> list[str]:
    """Return the parts of a credit that names several agencies as it spells them; any other credit whole."""
    return _agency_split(text) if not agency_of(text) and agencies_in(text) else [text]


def _agency_split(text: str) -> list[str]:
    return [part.strip() for part in AGENCY_MARKS.split(text) if part.strip()]


def split(text: str, organisations: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Yield the parts of a byline as ("person" | "agency" | "other", name)."""
    text = text[:MAX_BYLINE]
    text = HANDLE.sub(" ", EMAIL.sub(" ", text)) if "@" in text else text
    if WEB.search(text):
        # an address marks the whole as a profile or a site's own signature
        text = (
            ""
            if not SPLIT.search(URL.sub("", text))
            else ", ".join(p for p in SPLIT.split(URL.sub(",", text)) if len(p.split()) > 1)
        )
    text = (
        PARENTHESIS.sub(" ", EMAIL.sub(" ", text))
        if ("(" in text or "（" in text or "@" in text or "[" in text)
        else text
    )
    for _ in range(2):
        text = without_by(text.strip(" .,:;|–—-"))
    text = OURS.sub("", text)
    known = {squeezed(name) for name in organisations if name}
    for found in agencies_in(text):
        yield "agency", found
        text = ""
    for part in _parts(text):
        name = tidy(part)
        if not name or DEGREE.match(name):
            continue
        if agency := agency_of(name):
            yield "agency", agency
        elif "/" in name and (coded := [agency for code in name.split("/") if (agency := agency_of(code))]):
            yield from (("agency", agency) for agency in coded)  # with the initials of who edited it: "dpa/abc"
        elif squeezed(name) in known or not is_person(name):
            yield "other", name
        else:
            yield "person", name


def without_by(text: str) -> str:
    """Return what stands behind "By", "Von" or "Autor:"; the whole, if that would leave half a name ("Na Li")."""
    match = BY.match(text)
    if match is None:
        return text
    rest = text[match.end() :]
    return text if SHORT_BY.match(text) and not _is_whole(SPLIT.split(rest, maxsplit=1)[0]) else rest


def is_by(text: str) -> bool:
    """Tell a line that says "By" and no more."""
    text = text.strip(" :：|")
    match = BY.match(f"{text} x") if 0 < len(text) <= MAX_BY else None
    return match is not None and match.end() > len(text)


def squeezed(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _parts(text: str) -> Iterator[str]:
    if SPACELESS_LIST.match(text):
        yield from _without_spaces(text)
        return
    if LAST_FIRST.fullmatch(text):
        # "Lastname, Firstname": one person, if neither part could be a whole name
        last, first = (part.strip() for part in text.split(","))
        yield f"{first} {last}" if not agency_of(last) and not agency_of(first) else text
        return
    for group in text.split(";"):
        if ";" in text and LAST_FIRST.fullmatch(group.strip()):
            yield from _parts(group.strip())
            continue
        for part in SPLIT.split(SUFFIXED.sub(" ", group)):
            yield from _whole_names(part)


def _whole_names(text: str) -> Iterator[str]:
    """Split where a word or a slash may stand between names, if what stands on both sides could be a whole name."""
    pieces = PERHAPS.split(text)
    current = pieces[0]
    for mark, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if _is_whole(current) and _is_whole(piece):
            yield current
            current = piece
        else:
            current += mark + piece
    yield current


def _is_whole(name: str) -> bool:
    return len(name.split()) > 1 or bool(agency_of(name)) or SPACELESS.match(name) is not None


def _without_spaces(text: str) -> Iterator[str]:
    """Split names in scripts that need no spaces: by spaces, unless a name of two characters was spaced out."""
    for group in re.split(r"[,、，;；/／|]" if not HANGUL.search(text) else r"[,、，;；/／|·ㆍ]", text):
        words = group.split()
        if len(words) == 2 and all(len(word) == 1 for word in words):
            yield "".join(words)
        else:
            yield from words


def tidy(text: str) -> str:
    """Strip a name of addresses, handles, roles behind a comma and marks at its ends."""
    text = URL.sub(" ", HANDLE.sub(" ", EMAIL.sub(" ", text)))
    text = SUFFIX.sub("", " ".join(text.split()).strip(' .,:;|–—-•·*"“”()（）[]【】<>/'))
    text = TITLES.sub("", text).strip()
    if any(role in lowered(text) for role in ROLES_BEHIND):
        text = TITLED.sub(r"\1", text)
    return PLACED.sub(r"\1", text)


def is_house(name: str) -> bool:
    """Tell a house or an agency that may sign from desks, roles, addresses and what templates say for nobody."""
    return (
        len(name) <= MAX_NAME
        and LETTERS.search(name) is not None
        and not any(pattern.search(name) for pattern in (DESK, NOBODY, EMAIL))
        and "://" not in name
    )


def is_person(name: str) -> bool:
    """Tell a name of a person from roles, desks, sentences and addresses."""
    if not 2 <= len(name) <= MAX_NAME or DIGITS.search(name) or not LETTERS.search(name):
        return False
    if SPACELESS.match(name) and not ROLE.search(name):
        return 2 <= len(name) <= 12
    words = name.split()
    if len(words) == 1 and name.isupper() and name.isascii() and len(name) <= 5:
        return False  # initials of a house
    return len(words) <= MAX_WORDS and not ROLE.search(name) and not any(char in name for char in "?!:;=#<>{}")


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Return each name once, as it was first written, whatever the case of its letters."""
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(name.casefold(), name)
    return tuple(kept.values())
