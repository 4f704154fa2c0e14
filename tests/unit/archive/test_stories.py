"""Stories on real SQLite: what joins, what does not, cores, merging, changed texts, and who is taken for the author."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from archive import Archive
from archive.origin import Member, Origin, moment_of, origin_of
from archive.stories import STORY_WINDOW, Stories
from archive.verify import verify
from benchmarks.prose import SYLLABLES, article
from tests.unit.archive.helpers import NOW, add_source, file, filing, force

LANGUAGES = tuple(SYLLABLES)


class Press:
    """Outlets that publish into one archive, a minute after each other."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.count = 0

    def publishes(self, outlet: str, paragraphs: Sequence[str], title: str = "", **more: object) -> int:
        """File an article of an outlet; gives its id."""
        self.count += 1
        source = add_source(self.archive, outlet)
        hours = self.count / 60
        url = str(more.pop("url", f"https://{outlet}.example/{self.count}"))
        one = filing(source, url, title or f"Report {self.count}", "\n".join(paragraphs), hours=hours, **more)
        return file(self.archive, one).article_id

    def stories(self) -> list[tuple[int, ...]]:
        """The articles of each story."""
        return [tuple(sorted(story.articles)) for story in self.archive.stories()]


@pytest.fixture
def press(archive: Archive) -> Press:
    """An archive without articles."""
    return Press(archive)


def report(language: str = "en", seed: int = 1, words: int = 300) -> tuple[str, ...]:
    """The paragraphs of a report."""
    return article(language, random.Random(seed), words).paragraphs


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(lambda text, other: text, id="exact"),
        pytest.param(lambda text, other: text[: max(1, int(len(text) * 0.5))], id="first half"),
        pytest.param(lambda text, other: ("PORT ALDEN (Reuters) - " + text[0], *text[1:], "(Reuters)"), id="credited"),
        pytest.param(lambda text, other: (*text[:2], other[0], *text[2:], other[1]), id="paragraphs added"),
        pytest.param(lambda text, other: (text[1], text[0], *text[:1:-1]), id="reordered"),
    ],
)
def test_copies_of_two_outlets_are_one_story(press: Press, language: str, edit: object) -> None:
    text, other = report(language, 1), report(language, 2)
    first = press.publishes("one", text, "A headline")
    second = press.publishes("two", edit(text, other), "Another headline")  # type: ignore[operator]
    press.publishes("three", other)
    assert press.stories() == [(first, second)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_form_filled_in_anew_is_no_copy(press: Press, language: str) -> None:
    words = report(language, 3, 60)[0]
    forms = [
        [f"{words} {n} {day}", f"{n + 7} {words} {day * 3} {n + 1}", words] for n, day in ((12, 3), (45, 8), (81, 5))
    ]
    for number, form in enumerate(forms):
        press.publishes(f"outlet{number}", form)
    assert press.stories() == []


def test_a_toll_that_has_risen_makes_no_other_story(press: Press) -> None:
    words = report("en", 3, 200)
    told = [[*words, f"{toll} people died, 14 were hurt, 30 houses fell and 6 roads are closed."] for toll in (23, 31)]
    pair = tuple(press.publishes(f"outlet{n}", text) for n, text in enumerate(told))
    assert press.stories() == [pair]


SPORT = (
    "{a} beat {b} on Saturday evening after a strong second half in front of a crowd that sang to the end. The visitors "
    "had the better of the opening exchanges at {c} but failed to take their chances. After the interval {d} opened the "
    "scoring with a header from a corner. Midway through the half {e} doubled the lead after a fast attack down the wing. "
    "The manager {f} said he was proud of his players. The result lifts {a} into the upper half of the table, while {b} "
    "remain without an away win this season."
)


@pytest.mark.parametrize("outlets", [("one", "one"), ("one", "two")])
def test_a_form_filled_in_with_other_names_is_no_copy(press: Press, outlets: tuple[str, str]) -> None:
    games = [
        {
            "a": "Hartley United",
            "b": "Corby Town",
            "c": "Mill Lane",
            "d": "Jamie Stokes",
            "e": "Pedro Lopes",
            "f": "Alan Reid",
        },
        {
            "a": "Wexham Rovers",
            "b": "Fairport Athletic",
            "c": "Priory Park",
            "d": "Luke Hammond",
            "e": "Kwame Boateng",
            "f": "Steve Marlow",
        },
    ]
    for outlet, game in zip(outlets, games, strict=True):
        press.publishes(outlet, [SPORT.format(**game)])
    assert press.stories() == []


def test_a_form_of_the_house_in_other_words_is_no_copy(press: Press) -> None:
    form = (
        "{} skies are expected through the morning, giving way to {} by late afternoon. Winds will be {} and come mainly "
        "from the {}, with stronger gusts along the coast and on high ground. It will feel {} for the time of year, "
        "especially in valleys. Tonight it will stay {} in most places, with a chance of {} before dawn."
    )
    for words in (
        ("Overcast", "showers", "brisk", "west", "cool", "cloudy", "sleet"),
        ("Clear", "sunshine", "light", "east", "warm", "dry", "mist"),
    ):
        press.publishes("one", [form.format(*words)], "The weather")
    assert press.stories() == []


def test_a_new_toll_leaves_a_copy_a_copy(press: Press) -> None:
    lead = "At least {} people were killed and {} injured when the dam above Carrow gave way, said Mayor Ines Barreto of Carrow."
    rest = [*report("en", 110, 120), *report("en", 111, 120)]
    rest = [line.translate({ord(digit): None for digit in "0123456789"}) for line in rest]
    pair = tuple(
        press.publishes(f"outlet{n}", [lead.format(*toll), *rest]) for n, toll in enumerate(((12, 40), (45, 210)))
    )
    assert press.stories() == [pair]
    press.publishes("outlet0", [lead.format(60, 300), *rest], url="https://outlet0.example/1")
    assert press.stories() == [pair]


def test_a_digest_that_comes_first_does_not_swallow_its_topics(press: Press) -> None:
    topics = [report("en", seed, 130) for seed in range(120, 123)]
    press.publishes("digest", [line for topic in topics for line in topic], "The day in brief")
    ids = [press.publishes(f"outlet{n}", topic) for n, topic in enumerate(topics)]
    later = [press.publishes(f"copy{n}", topic) for n, topic in enumerate(topics)]
    stories = press.stories()
    assert (ids[1], later[1]) in stories
    assert (ids[2], later[2]) in stories


def test_a_shared_quotation_is_no_copy(press: Press) -> None:
    quoted = report("en", 5, 100)
    press.publishes("one", [*report("en", 6, 220), *quoted])
    press.publishes("two", [*report("en", 7, 100), *quoted, *report("en", 8, 120)])
    assert press.stories() == []


def test_boilerplate_of_one_outlet_makes_no_copies(press: Press) -> None:
    box = report("en", 9, 60)
    for seed in range(20, 26):
        press.publishes("one", [*report("en", seed, 40), *box])
    assert press.stories() == []


def test_a_live_blog_does_not_swallow_its_topics(press: Press) -> None:
    topics = [report("en", seed, 80) for seed in range(40, 48)]
    press.publishes("blog", [line for topic in topics for line in topic])
    for number, topic in enumerate(topics):
        press.publishes(f"outlet{number}", topic)
    assert press.stories() == []


def test_a_round_up_does_not_join_what_it_brings_together(press: Press) -> None:
    one, two = report("en", 50, 150), report("en", 51, 150)
    pairs = [
        (press.publishes("a", one), press.publishes("b", one)),
        (press.publishes("a", two), press.publishes("b", two)),
    ]
    press.publishes("digest", [*one, *two])
    stories = press.stories()
    assert len(stories) == 2
    assert not any(set(pairs[0]) & set(story) and set(pairs[1]) & set(story) for story in stories)


def test_a_late_original_becomes_the_core_without_another_number(press: Press) -> None:
    text = report("en", 60, 500)
    half = press.publishes("one", text[: len(text) // 2], "Rivals agree")
    other = press.publishes("two", text[: len(text) // 2], "Rivals agree")
    (before,) = press.archive.stories()
    assert before.core == half
    whole = press.publishes("three", text, "Rivals agree", published_at="2026-03-05T09:00:00Z")
    (after,) = press.archive.stories()
    assert (after.id, after.core, after.articles[0], after.first_source) == (before.id, whole, whole, "three")
    by_id = {one.article_id: one for one in press.archive.story_members(after.id)}
    assert by_id[half].shared == by_id[other].shared == 1.0
    assert 0.35 < by_id[half].of_core < 0.65
    tail = press.publishes("four", text[len(text) // 2 - 1 :], "Rivals agree")  # has little of the first half
    assert press.stories() == [(half, other, whole, tail)]


def test_halves_are_one_story_once_the_whole_is_there_and_the_old_number_leads_to_it(press: Press) -> None:
    text = report("en", 61, 600)
    cut = len(text) // 2
    heads = [press.publishes(outlet, text[:cut], "Rivals agree") for outlet in ("one", "two")]
    tails = [press.publishes(outlet, text[cut:], "Rivals agree") for outlet in ("three", "four")]
    numbers = [story.id for story in press.archive.stories()]
    assert len(numbers) == 2
    whole = press.publishes("five", text, "Rivals agree")
    assert press.stories() == [tuple(sorted([*heads, *tails, whole]))]
    assert {press.archive.story(number).id for number in numbers} == {min(numbers)}  # type: ignore[union-attr]
    assert press.archive.story(99) is None


def test_members_resemble_the_core_not_the_next_in_a_chain(press: Press) -> None:
    parts = [report("en", 70 + n, 100) for n in range(8)]
    ids = [press.publishes(f"outlet{n}", [*parts[n], *parts[n + 1]]) for n in range(7)]
    for story in press.archive.stories():
        assert all(one.shared >= 0.4 or one.of_core >= 0.4 for one in press.archive.story_members(story.id))
        assert len(story.articles) < len(ids) // 2 + 1


def test_two_hundred_copies_are_one_story_and_one_entry_of_the_index(press: Press) -> None:
    text = report("en", 80, 200)
    with press.archive.transaction():
        for number in range(200):
            source = add_source(press.archive, f"outlet{number}")
            press.archive.store.file(filing(source, f"https://o{number}.example/", f"T{number}", "\n".join(text)))
    (story,) = press.archive.stories()
    assert story.sources == len(story.articles) == 200
    assert press.archive.db.execute("SELECT count(*) FROM sketches").fetchone()[0] == 1


def test_copies_are_looked_for_within_the_window_only(press: Press) -> None:
    text = report("en", 81)
    days = STORY_WINDOW / timedelta(hours=1)
    press.publishes("one", text)
    source = add_source(press.archive, "late")
    late = file(
        press.archive, filing(source, "https://late.example/", text="\n".join(text), hours=days + 48)
    ).article_id
    assert press.stories() == []
    other = file(
        press.archive,
        filing(add_source(press.archive, "later"), "https://l.example/", text="\n".join(text), hours=days + 72),
    )
    assert press.stories() == [(late, other.article_id)]


def test_what_is_too_old_to_be_copied_leaves_the_index(press: Press) -> None:
    for seed in range(90, 94):
        press.publishes("one", report("en", seed))
    stories = Stories(press.archive.db)
    with press.archive.transaction():
        assert stories.forget(NOW + STORY_WINDOW - timedelta(days=1)) == 0
        assert stories.forget(NOW + STORY_WINDOW + timedelta(days=2)) == 4
    assert press.archive.db.execute("SELECT count(*) FROM sketch_index").fetchone()[0] == 0


def test_a_rewritten_member_leaves_and_a_story_of_one_ends(press: Press) -> None:
    text, other = report("en", 100), report("en", 101)
    press.publishes("one", text, url="https://one.example/a")
    press.publishes("two", text, url="https://two.example/a")
    assert len(press.stories()) == 1
    press.publishes("two", other, url="https://two.example/a")
    assert press.stories() == []
    third = press.publishes("three", text)
    assert press.stories() == [(1, third)]
    fourth = press.publishes("four", other)
    assert press.stories() == [(1, third), (2, fourth)]


def test_a_rewritten_core_leaves_the_others_together(press: Press) -> None:
    text, other = report("en", 102), report("en", 103)
    for outlet in ("one", "two", "three"):
        press.publishes(outlet, text, url=f"https://{outlet}.example/a")
    press.publishes("one", other, url="https://one.example/a")
    assert press.stories() == [(2, 3)]
    assert press.publishes("four", text) == 4
    assert press.stories() == [(2, 3, 4)]


def test_an_older_archive_is_caught_up_with(press: Press) -> None:
    text = report("en", 104)
    press.publishes("one", text)
    press.publishes("two", text)
    db, where = press.archive.db, press.archive.address
    db.execute("UPDATE articles SET story_id = NULL")
    for table in ("story_members", "stories", "sketches", "sketch_index"):
        db.execute(f"DELETE FROM {table}")  # noqa: S608  names of ours
    db.execute("INSERT INTO jobs (name, started_at, position) VALUES ('stories', '', 0)")
    press.archive.close()
    said: list[str] = []
    with Archive(where, write=True, tell=said.append) as again:
        assert [story.articles for story in again.stories()] == [(1, 2)]
        assert any("copies" in line for line in said)
    said.clear()
    with Archive(where, write=True, tell=said.append):
        assert said == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE stories SET members = 7",
        "UPDATE articles SET story_id = NULL WHERE id = 2",
        "UPDATE articles SET story_id = 99 WHERE id = 2",
        "DELETE FROM story_members WHERE article_id = 1",
        "DELETE FROM sketch_index",
        "INSERT INTO story_members VALUES (77, 1, 1, 1, 0, '')",
        "INSERT INTO sketches (article_id, captured_on, hashes) VALUES (77, '2026-03-05', x'')",
        "INSERT INTO sketch_index (hash, article_id) VALUES (1, 77)",
        "INSERT INTO sketches (article_id, captured_on, hashes) VALUES (2, '2026-03-05', x'')",
    ],
)
def test_verify_mends_stories(press: Press, damage: str) -> None:
    text = report("en", 105)
    for outlet in ("one", "two", "three"):
        press.publishes(outlet, text)
    sound = verify(press.archive).findings
    force(press.archive, damage)
    assert len(verify(press.archive).findings) > len(sound)
    verify(press.archive, repair=True)
    assert len(verify(press.archive).findings) == len(sound)
    assert press.stories() == [(1, 2, 3)]
    assert press.publishes("four", text) == 4
    assert press.stories() == [(1, 2, 3, 4)]


def member(number: int, published: str, agency: str = "", source: str = "", *, signed: bool = False) -> Member:
    return Member(
        number, number, source or f"Outlet {number}", published, f"2026-03-05T10:{number:02}:00Z", agency, signed
    )


@pytest.mark.parametrize(
    ("members", "name", "reason", "low", "high"),
    [
        pytest.param([member(1, "2026-03-05T08:00:00Z"), member(2, "2026-03-05T12:00:00Z")], "Outlet 1", "first", 0.5, 0.7, id="first by far"),
        pytest.param([member(1, "2026-03-05T08:00:00Z"), member(2, "2026-03-05T08:05:00Z")], "Outlet 1", "first", 0.3, 0.5, id="first by little"),
        pytest.param([member(1, "2026-03-05T08:00:00Z"), member(2, "2026-03-05T09:00:00Z", "Reuters")], "Reuters", "agency", 0.5, 0.7, id="one credit"),
        pytest.param([member(n, "2026-03-05T08:00:00Z", "Reuters") for n in range(1, 6)], "Reuters", "agency", 0.85, 0.95, id="five credits"),
        pytest.param([member(1, "", "AP"), member(2, "", "AP"), member(3, "", "Reuters")], "AP", "agency", 0.3, 0.6, id="credits that differ"),
        pytest.param([member(1, "", "Xinhua"), member(2, "", "Xinhua", "Xinhua")], "Xinhua", "source", 0.9, 1.0, id="the agency's own site"),
    ],
)  # fmt: skip
def test_who_is_taken_for_the_author(members: list[Member], name: str, reason: str, low: float, high: float) -> None:
    found = origin_of(members)
    assert isinstance(found, Origin)
    assert (found.name, found.reason) == (name, reason)
    assert low <= found.confidence <= high


@pytest.mark.parametrize(
    ("published", "moment"),
    [
        pytest.param("2026-03-05T08:00:00Z", "2026-03-05T08:00:00Z", id="a time"),
        pytest.param("", "2026-03-05T10:01:00Z", id="nothing"),
        pytest.param("2026-03-05", "2026-03-05T10:01:00Z", id="the day it was seen"),
        pytest.param("2026-03-04", "2026-03-04T23:59:59Z", id="a day before"),
        pytest.param("2026-03-06", "2026-03-05T10:01:00Z", id="a day that had not begun where the clock of UTC hangs"),
        pytest.param("2026-03-05T14:00:00Z", "2026-03-05T10:01:00Z", id="a time after it was seen"),
    ],
)
def test_when_a_member_was_published(published: str, moment: str) -> None:
    assert moment_of(member(1, published)) == moment
