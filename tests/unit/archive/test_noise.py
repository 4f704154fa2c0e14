"""What changes by itself on any page, and what is a change of the article."""

from __future__ import annotations

import pytest

from archive.noise import says_the_same

STORY = (
    "The mayor said on Monday that the old bridge will stay closed all winter.\n"
    "Nobody was hurt when a lorry hit one of the pillars, the police said. At least 12 people saw it.\n"
    "The council will vote on a new bridge in spring, if there is money left."
)
BOX = (
    "Storm closes the northern harbour",
    "Baker finds a coin in his flour",
    "Council votes on a new tram",
    "Fog stops all ferries",
    "Museum opens at night",
)
HEADLINES = "\n".join(BOX[:3])

SAME = {
    "nothing": (STORY, STORY),
    "paragraphs parted elsewhere, and a counter": (f"{STORY}\n7 comments", STORY.replace("said. At", "said.\nAt") + "\n8 comments"),
    "cases and white space": (STORY, f"  {STORY.upper()} "),
    "a counter below": (f"{STORY}\nRead 1,234 times", f"{STORY}\nRead 1,302 times"),
    "a counter above": (f"1.234 visualizaciones\n{STORY}", f"98.765 visualizaciones\n{STORY}"),
    "a counter between paragraphs": (f"{STORY}\nRead 99 times\n{STORY}", f"{STORY}\nRead 1,302 times\n{STORY}"),
    "a counter at the end of a line": (f"{STORY} 1 234 views", f"{STORY} 2 001 views"),
    "one comment and many": (f"{STORY}\n1 Kommentar", f"{STORY}\n12 Kommentare"),
    "the first comment": (STORY, f"{STORY}\n1 Kommentar"),
    "comments in Arabic figures": (f"{STORY}\n٣ تعليقات", f"{STORY}\n١٢ تعليقات"),
    "a Chinese counter": ("台风造成12人死亡，数百人受伤。\n阅读 1234", "台风造成12人死亡，数百人受伤。\n阅读 20345"),
    "a stamp": (f"Updated: 31 March 2026, 10:00\n{STORY}", f"Updated: 1 April 2026, 9:05\n{STORY}"),
    "a Japanese stamp": (f"更新 2026年3月31日 10:00\n{STORY}", f"更新 2026年4月1日 9:05\n{STORY}"),
    "an age": (f"Updated 59 minutes ago\n{STORY}", f"Updated 1 hour ago\n{STORY}"),
    "no age yet": (f"À l'instant\n{STORY}", f"Il y a 5 minutes\n{STORY}"),
    "a box of headlines below": (f"{STORY}\nMost read\n{HEADLINES}", f"{STORY}\nMost read\n" + "\n".join(BOX[2:])),
    "a box without a name": (f"{STORY}\n{HEADLINES}", f"{STORY}\n" + "\n".join((*BOX[3:], BOX[0]))),
    "a box in the middle": (f"{STORY}\n{HEADLINES}\n{STORY}", f"{STORY}\n" + "\n".join(BOX[2:]) + f"\n{STORY}"),
    "a box in another order": (f"{STORY}\n" + "\n".join(BOX), f"{STORY}\n" + "\n".join(BOX[::-1])),
    "counter, stamp and box": (
        f"10:00, 3 March 2026\n{STORY}\n7 comments\n{HEADLINES}",
        f"10:05, 3 March 2026\n{STORY}\n8 comments\n" + "\n".join(BOX[2:]),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), SAME.values(), ids=SAME)
def test_what_changes_by_itself(before: str, after: str) -> None:
    assert says_the_same(before, after)
    assert says_the_same(after, before)


ANOTHER = {
    "a death toll": (STORY, STORY.replace("12 people", "14 people")),
    "a Chinese death toll": ("台风造成12人死亡，数百人受伤。", "台风造成14人死亡，数百人受伤。"),
    "a death toll and a counter": (f"{STORY}\nRead 12 times", STORY.replace("12 people", "13") + "\nRead 13 times"),
    "a long line with a figure and no full stop": (
        f"{STORY}\nThe harbour office counts 12 ferries that were late, more than in any week since the war began in the south",
        f"{STORY}\nThe harbour office counts 13 ferries that were late, more than in any week since the war began in the south",
    ),
    "a paragraph less": (STORY, "\n".join(STORY.split("\n")[:2])),
    "a sub-heading": (f"{STORY}\nPanic in the streets\n{STORY}", f"{STORY}\nCalm in the streets\n{STORY}"),
    "an entry more in a list": (f"{STORY}\n{HEADLINES}", f"{STORY}\n{HEADLINES}\n{BOX[3]}"),
    "an edited entry of a list": (f"{STORY}\n{HEADLINES}", f"{STORY}\n{HEADLINES.replace('votes on', 'votes against')}"),
    "a rotated box and a paragraph": (f"{STORY}\n{HEADLINES}", f"{STORY}\nAnd more.\n" + "\n".join(BOX[2:])),
    "a quotation with a question": (f"{STORY}\n“Who pays?”", f"{STORY}\n“Who will mend it?”"),
    "a word": (STORY, STORY.replace("hurt", "killed")),
}  # fmt: skip

SHORT = {
    "a toll in a list of facts": ("Dead: 12\nInjured: 40", "Dead: 45\nInjured: 210"),
    "a toll in a sub-heading": ("At least 12 dead in the gorge", "At least 45 dead in the gorge"),
    "a Chinese toll": ("死亡人数：12人", "死亡人数：45人"),
    "a time and a place": ("Kick-off: 20:45, Mill Lane", "Kick-off: 19:00, Mill Lane"),
    "a telephone number": ("Hotline: 0800 123 456", "Hotline: 0800 999 111"),
    "a price": ("Price: $399", "Price: $599"),
    "a result": ("Hartley United 2, Corby Town 1", "Hartley United 2, Corby Town 3"),
    "a table of results": ("Hartley United\n2\nCorby Town\n1", "Hartley United\n2\nCorby Town\n3"),
    "a name in the place of a counter": ("Anna Berg", "7 comments"),
    "a name": ("Winner: Ivan Petrov", "Winner: Jan Novak"),
    "names of victims": ("The victims\nAnna Berg\nJohn Doyle\nOmar Said\nLi Wei", "The victims\nAnna Berg\nJohn Doyle\nPeter Kross\nMaria Lund"),
    "one victim more, one less": ("The victims\nAnna Berg\nJohn Doyle\nOmar Said\nLi Wei", "The victims\nPeter Kross\nAnna Berg\nJohn Doyle\nOmar Said"),
    "a list that changed whole": (
        "What we know\nBridge shut at noon\nTwo boats missing\nNo power in the north\nSchools shut",
        "What we know\nMayor resigns over dyke\nArmy sends pumps\nTrains run again\nHospital evacuated",
    ),
}  # fmt: skip


@pytest.mark.parametrize("place", [0, 1, 2, 3])
@pytest.mark.parametrize(("before", "after"), SHORT.values(), ids=SHORT)
def test_a_short_line_is_the_articles(before: str, after: str, place: int) -> None:
    lines = STORY.split("\n")
    one, other = ("\n".join([*lines[:place], part, *lines[place:]]) for part in (before, after))
    assert not says_the_same(one, other)
    assert not says_the_same(other, one)


@pytest.mark.parametrize(("before", "after"), ANOTHER.values(), ids=ANOTHER)
def test_what_is_the_articles(before: str, after: str) -> None:
    assert not says_the_same(before, after)
    assert not says_the_same(after, before)


def test_lines_that_recur_over_the_site_are_no_part_of_an_article() -> None:
    house = "Sign up for our weekly letter about the sea, it costs nothing."
    assert not says_the_same(STORY, f"{STORY}\n{house}")
    assert says_the_same(STORY, f"{STORY}\n{house}", house.__eq__)
    # what both have is compared, whatever recurs
    assert not says_the_same(f"{STORY}\n{house}", f"{STORY}\n{house}\nMore.", house.__eq__)


def test_a_list_of_headlines_of_the_site_is_no_part_of_an_article() -> None:
    before, after = (f"{STORY}\nMore news\n" + "\n".join(box) for box in (BOX[:2], BOX[2:4]))
    assert not says_the_same(before, after)
    assert says_the_same(before, after, titled=frozenset(map(str.casefold, BOX)).__contains__)
    # one of them does not make the others so
    bullets = "\nWhat we know\nTwo boats missing\nSchools shut\n"
    one, other = f"{STORY}{bullets}{BOX[0]}", f"{STORY}{bullets.replace('Two', 'Six').replace('shut', 'open')}{BOX[1]}"
    assert not says_the_same(one, other, titled=frozenset(map(str.casefold, BOX)).__contains__)
    # nor does a box below a list
    one, other = (
        "\n".join([STORY, "The victims", *names, "Most read", *box])
        for names, box in ((("Anna Berg", "Omar Said"), BOX[:3]), (("Anna Berg", "Jan Novak"), BOX[2:]))
    )
    assert not says_the_same(one, other, titled=frozenset(map(str.casefold, BOX)).__contains__)
    assert says_the_same(
        one.replace("Omar Said", "Jan Novak"), other, titled=frozenset(map(str.casefold, BOX)).__contains__
    )


def test_a_box_that_rotates_below_a_list_is_told_from_it() -> None:
    one, other = (
        "\n".join([STORY, "The victims", "Anna Berg", name, "Most read", *box])
        for name, box in (("Omar Said", BOX[:3]), ("Jan Novak", BOX[2:]))
    )
    assert says_the_same(one.replace("Omar Said", "Jan Novak"), other)
    assert not says_the_same(one, other)


@pytest.mark.parametrize("count", [20_000], ids=str)
def test_long_hostile_texts_take_no_time_to_speak_of(count: int) -> None:
    """Quadratic time would be minutes: the timeout of the test run fails it."""
    assert not says_the_same("1 a\n" * count + "b.", "2 a\n3 b\n" * (count // 2) + "c.")
