"""Stories: what was copied, by whom, and when."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from urllib.parse import urlencode

from datasette import Response

from archive import copies, reading
from archive.copies import Heading, Member, Story
from archive.web.site import Missing, Route, Site, view
from archive.web.timeline import timeline
from archive.web.words import WORDS, percent

PAGE_SIZE = 40  # stories on one page
MOST_MEMBERS = 200  # articles of a story on its page; the table of stories has all
OUTLETS = (2, 3, 5, 10, 20)  # to choose from


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of stories is narrowed by."""

    since: str
    until: str
    source: str
    outlets: int

    def address(self, **more: str) -> str:
        """The query of an address with them."""
        outlets = "" if self.outlets == OUTLETS[0] else str(self.outlets)
        values = {"since": self.since, "until": self.until, "source": self.source, "outlets": outlets, **more}
        return urlencode({name: value for name, value in values.items() if value})


async def story(site: Site) -> Response:
    """The timeline of one story."""
    number = int(site.request.url_vars["id"])

    def gather(conn: sqlite3.Connection) -> tuple[Story, list[Member]] | None:
        found = copies.story(conn, number)
        return (found, copies.lineup(conn, found.id, MOST_MEMBERS)) if found else None

    parts = [part for part in await site.each(gather) if part]  # of several, where its members are in several shards
    if not parts:
        raise Missing(f"There is no story {number} in this archive.")
    about = parts[0][0]
    members = [member for _, some in parts for member in some]
    if len(parts) > 1:
        members.sort(key=lambda one: (one.published_at != about.first_published_at, one.published_at, one.article_id))
    if about.id != number:
        return Response.redirect(site.datasette.urls.path(f"/story/{about.id}"), status=301)
    base = site.datasette.urls.path("/article/")
    return site.page(
        "story.html",
        {**WORDS, "here": "stories", "story": about, "members": members, "origin": origin_words(about),
         "chart": timeline(members, base), "first": members[0] if members else None},
    )  # fmt: skip


async def stories(site: Site) -> Response:
    """Stories, newest first."""
    filters = Filters(
        site.argument("since"),
        site.argument("until"),
        site.argument("source"),
        site.number("outlets", OUTLETS[0], least=1),
    )
    before = _place(site.argument("before"))

    def gather(conn: sqlite3.Connection) -> tuple[list[Heading], list[tuple[str, str]]]:
        listed = copies.headings(
            conn,
            source=filters.source,
            since=filters.since,
            until=filters.until,
            outlets=filters.outlets,
            before=before,
            most=PAGE_SIZE + 1,
        )
        return listed, reading.outlets(conn)

    listed, sources = await site.read(gather)
    page, more = listed[:PAGE_SIZE], len(listed) > PAGE_SIZE
    following = filters.address(before=f"{page[-1].first_at}~{page[-1].id}") if more else ""
    return site.page(
        "stories.html",
        {**WORDS, "here": "stories", "stories": page, "sources": sources, "filters": filters, "following": following,
         "steps": OUTLETS, "paged": before != copies.NEWEST},
    )  # fmt: skip


def origin_words(about: Story) -> str:
    """Who is taken for the author of a story, how surely and why, in words."""
    if not about.origin:
        return "Who wrote it cannot be told."
    sure = next(word for least, word in _SURE if about.confidence >= least)
    return f"{sure} {about.origin}: {_WHY[about.origin_from]} ({percent(about.confidence)} sure)."


_SURE = ((0.9, "Almost certainly by"), (0.7, "Very likely by"), (0.5, "Probably by"), (0.0, "Perhaps by"))
_WHY = {
    "source": "it is on the agency’s own site",
    "agency": "copies of it credit that agency",
    "first": "nobody in this archive published it before, and no copy names an agency",
    "": "no reason is given",
}


def _place(text: str) -> tuple[str, int]:
    """The place in the list that an address names; the newest for one that makes no sense."""
    moment, _, number = text.rpartition("~")
    valid = moment and number.isascii() and number.isdecimal() and len(number) < 19
    return (moment, int(number)) if valid else copies.NEWEST


ROUTES: list[Route] = [
    (r"/stories$", view(stories, "stories", "story_members")),
    (r"/story/(?P<id>[0-9]{1,18})$", view(story, "stories", "story_members")),
]
