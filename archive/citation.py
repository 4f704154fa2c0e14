"""Citations of an article as BibTeX, RIS and CSL-JSON, with the archive's permalink and the time of capture.

Letters stay as they are: all three are UTF-8. A name is divided into family and given name only where that is safe.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from archive.names import Name, parted


@dataclass(frozen=True, slots=True)
class Reference:
    """What is cited: one version of an article, as it was captured. Days are `YYYY-MM-DD` in the outlet's zone."""

    id: int
    version: int
    title: str
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    agency: str
    outlet: str
    country: str  # of the outlet, ISO 3166
    language: str  # BCP 47
    section: str
    published_on: str  # "" when it is not known
    captured_at: str  # UTC, YYYY-MM-DDTHH:MM:SSZ
    url: str
    permalink: str

    @property
    def key(self) -> str:
        """A name for it that is the same in every export."""
        return f"kiosque{self.id}v{self.version}"

    @property
    def note(self) -> str:
        """Where the archived text is, and which one it is."""
        credited = f"Credited to {self.agency}. " if self.agency and self.authors else ""
        return f"{credited}Archived by Kiosque on {self.captured_at} as version {self.version}: {self.permalink}"

    def writers(self) -> list[Name]:
        """Its authors, or the agency where no author is named."""
        signed = [parted(name, self.language, self.country) for name in self.authors]
        return signed or ([Name(self.agency)] if self.agency else [])

    def editing(self) -> list[Name]:
        """Its editors."""
        return [parted(name, self.language, self.country) for name in self.editors]


# -- BibTeX ----------------------------------------------------------------------------------------------------------

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "%": r"\%", "$": r"\$", "&": r"\&", "#": r"\#", "_": r"\_",
}  # fmt: skip
_TEX_TABLE = str.maketrans(_TEX)


def bibtex(reference: Reference) -> str:
    """An entry `@online` of biblatex 3.20 (section 2.1.1), with `year` and `month` for the styles of BibTeX 0.99d.

    btxdoc (1988), section 3: the strings `jan` to `dec` are months, names are parted by "and", and what stands in braces
    is one name. BibTeX counts braces, whatever stands before them, so that those of a text are written as commands.
    biblatex, section 2.2.2: `url` is taken as it is, `date` and `urldate` are ISO 8601-2.
    """
    year, month = reference.published_on[:4], reference.published_on[5:7]
    values = [
        ("author", _tex_names(reference.writers())),
        ("editor", _tex_names(reference.editing())),
        ("title", f"{{{_tex(reference.title)}}}"),  # braces in braces: styles would change its capitals
        ("organization", _tex(reference.outlet)),
        ("date", reference.published_on),
        ("year", year),
        ("month", ""),
        ("url", _tex_url(reference.url)),
        ("urldate", reference.captured_at[:10]),
        ("note", _tex(reference.note)),
    ]
    lines = [f"  {name} = {{{value}}}" for name, value in values if value not in ("", "{}")]
    if month:
        lines.insert(lines.index(f"  year = {{{year}}}") + 1, f"  month = {_MONTHS[int(month) - 1]}")
    return f"@online{{{reference.key},\n" + ",\n".join(lines) + "\n}\n"


def _tex(text: str) -> str:
    return _line(text).translate(_TEX_TABLE)


def _tex_names(names: Iterable[Name]) -> str:
    return " and ".join(
        f"{_tex(name.family)}, {_tex(name.given)}" if name.given else f"{{{_tex(name.family)}}}" for name in names
    )


def _tex_url(url: str) -> str:
    # what a verbatim field cannot hold: braces out of balance, and what TeX reads before it is verbatim
    return re.sub(r"[\\{}\s^~]", lambda found: quote(found[0], safe=""), url)


# -- RIS -------------------------------------------------------------------------------------------------------------


def ris(reference: Reference) -> str:
    """A record `NEWS` of RIS, as "RIS Format Specifications" (Research Information Systems, 2001; 2011 for ED and LA).

    Each line is a tag of two letters, two spaces, a hyphen, a space and the value; TY comes first and ER last; a date is
    YYYY/MM/DD/other, with its slashes also where a part is missing; names are "family, given".
    """
    day = reference.published_on.replace("-", "/")
    moment = reference.captured_at
    pairs = [
        ("TI", reference.title),
        *(("AU", _ris_name(name)) for name in reference.writers()),
        *(("ED", _ris_name(name)) for name in reference.editing()),
        ("T2", reference.outlet),
        ("SE", reference.section),
        ("PY", day[:4]),
        ("DA", f"{day}/" if day else ""),
        ("Y2", f"{moment[:10].replace('-', '/')}/{moment[11:19]} UTC"),
        ("UR", reference.url),
        ("LA", reference.language),
        ("N1", reference.note),
        ("ID", reference.key),
    ]
    lines = ["TY  - NEWS", *(f"{name}  - {_line(value)}" for name, value in pairs if _line(value)), "ER  - "]
    return "\r\n".join(lines) + "\r\n"


def _ris_name(name: Name) -> str:
    # a comma parts family and given name, and stands nowhere else
    family, given = (_line(part.replace(",", " ")) for part in (name.family, name.given))
    return f"{family}, {given}" if given else family


# -- CSL-JSON --------------------------------------------------------------------------------------------------------


def csl_json(reference: Reference) -> str:
    """A list of one item, by the schema csl-data.json of CSL 1.0.2; names that are not divided are `literal`."""
    item = {
        "id": reference.key,
        "type": "article-newspaper",
        "title": _line(reference.title),
        "author": _csl_names(reference.writers()),
        "editor": _csl_names(reference.editing()),
        "container-title": reference.outlet,
        "section": _line(reference.section),
        "issued": _csl_day(reference.published_on),
        "accessed": _csl_day(reference.captured_at[:10]),
        "URL": reference.url,
        "language": reference.language,
        "archive": "Kiosque",
        "archive_location": reference.permalink,
        "note": reference.note,
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2) + "\n"


def _csl_names(names: Sequence[Name]) -> list[dict[str, str]]:
    return [{"family": name.family, "given": name.given} if name.given else {"literal": name.family} for name in names]


def _csl_day(day: str) -> dict[str, list[list[int]]]:
    return {"date-parts": [[int(part) for part in day.split("-")]]} if day else {}


def _line(text: str) -> str:
    return " ".join(text.split())
