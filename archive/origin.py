"""Who published a story first, and who wrote it: decisions over what its members say of themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from archive.records import parse_utc

LEAD = timedelta(minutes=30)  # ahead of all others: who copies a text needs some time for it
SURE_OF_AGENCY = 0.95  # its own site is among the members
SAID_BY_ALL, SAID_BY_ONE = 0.9, 0.6  # an agency that all who name one agree in; the more, the surer
FIRST_BY_FAR, FIRST = 0.6, 0.4  # nobody says anything, so that the first may have written it, or an agency unnamed


@dataclass(frozen=True, slots=True)
class Member:
    """What a member of a story says of itself."""

    article_id: int
    source_id: int
    source: str  # name of the outlet
    published_at: str  # UTC, or a bare day, or ""
    first_seen_at: str
    agency: str
    signed: bool  # it names an author


@dataclass(frozen=True, slots=True)
class Origin:
    """Who is taken for the author of a story, why, and how sure that is (0 to 1)."""

    name: str
    reason: str  # source (an agency's own site), agency (it is credited), first (nobody published it before)
    confidence: float


def moment_of(member: Member) -> str:
    """When a member was published, UTC text, and never later than it was first seen: clocks and zones of sites are wrong,
    and some stamp an article anew with each change. A day without a time counts as its end."""
    said = member.published_at
    if said and len(said) <= 10:
        said = f"{said}T23:59:59Z"
    return min(said, member.first_seen_at) if said else member.first_seen_at


def in_order(members: Sequence[Member]) -> list[Member]:
    """Members by time of publication; of the same moment, the first seen first."""
    return sorted(members, key=lambda member: (moment_of(member), member.first_seen_at, member.article_id))


def agency_of(members: Sequence[Member]) -> str:
    """The agency that most members credit; "" when none is named."""
    named = Counter(member.agency for member in in_order(members) if member.agency)
    return named.most_common(1)[0][0] if named else ""


def origin_of(members: Sequence[Member]) -> Origin:
    """Who wrote a story. An agency that is credited wins over whoever was first, since its own copy may not be archived;
    an agency's own site is an agency. With no credit at all it is the first, with less confidence the closer the next."""
    ordered = in_order(members)
    agency = agency_of(ordered)
    named = [member for member in ordered if member.agency]
    if agency:
        own = any(agency.casefold() == member.source.casefold() for member in ordered)
        agreed = sum(member.agency == agency for member in named) / len(named)
        if own and agreed > 0.5:
            return Origin(agency, "source", SURE_OF_AGENCY)
        outlets = len({member.source_id for member in named if member.agency == agency})
        sure = SAID_BY_ONE + (SAID_BY_ALL - SAID_BY_ONE) * min(1.0, (outlets - 1) / 3)
        return Origin(agency, "agency", round(sure * agreed, 2))
    first = ordered[0]
    others = [member for member in ordered if member.source_id != first.source_id]
    ahead = not others or parse_utc(moment_of(others[0])) - parse_utc(moment_of(first)) >= LEAD
    sure = FIRST_BY_FAR if ahead else FIRST
    return Origin(first.source, "first", round(sure + (0.1 if first.signed else 0.0), 2))
