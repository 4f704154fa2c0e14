"""The commands about stories, as their user meets them: what they print, as JSON, and their exit status."""

from __future__ import annotations

import json
import random

import pytest
from click.testing import CliRunner, Result

from archive import Archive
from archive.cli import cli
from benchmarks.prose import article
from tests.unit.archive.helpers import add_source, file, filing, stamp


@pytest.fixture
def told(archive: Archive) -> Archive:
    """A report of an agency on three outlets, cut on one of them, and an article of nobody else."""
    text = article("en", random.Random(5), 300).paragraphs
    alone = article("ru", random.Random(6), 200).paragraphs
    outlets = [("herald", text, -3), ("courier", text[:-2], -2), ("post", (*text, alone[0]), -1), ("vestnik", alone, 0)]
    for slug, paragraphs, hours in outlets:
        one = filing(
            add_source(archive, slug),
            f"https://{slug}.example/a",
            f"Report of the {slug}",
            "\n".join(paragraphs),
            hours=hours,
            published_at=stamp(hours),
            agency="" if slug == "vestnik" else "Reuters",
        )
        file(archive, one)
    archive.close()
    return archive


def run(archive: Archive, *arguments: str) -> Result:
    """Run a command over the archive."""
    return CliRunner().invoke(cli, [*arguments, "--archive", str(archive.address)], catch_exceptions=False)


def test_story(told: Archive) -> None:
    done = run(told, "story", "1")
    assert done.exit_code == 0
    assert "story 1: 3 articles of 3 outlets" in done.output
    assert "first: herald" in done.output
    assert "origin: Reuters (credited; confidence 0.8" in done.output
    assert [line.split()[1] for line in done.output.splitlines()[-3:]] == ["herald", "courier", "post"]


def test_story_as_json(told: Archive) -> None:
    found = json.loads(run(told, "story", "1", "--json").output)
    assert (found["first_source"], found["sources"], found["articles"]) == ("herald", 3, [1, 2, 3])
    members = {one["source"]: one for one in found["members"]}
    assert members["herald"]["first"] is True
    assert members["courier"]["added"] == 0
    assert members["courier"]["of_core"] < 1.0
    assert members["post"]["added"] > 0


@pytest.mark.parametrize("number", ["7", "0", "9" * 30])
def test_no_such_story(told: Archive, number: str) -> None:
    done = run(told, "story", number)
    assert (done.exit_code, done.output) == (1, f"there is no story {number}\n")


def test_stories(told: Archive) -> None:
    done = run(told, "stories")
    assert done.exit_code == 0
    assert done.output.splitlines() == [f"1  {stamp(-3)}  herald  3 outlets", "  Report of the herald"]
    assert json.loads(run(told, "stories", "--source", "post", "--json").output)["id"] == 1
    for none in (["--outlets", "4"], ["--source", "vestnik"], ["--since", "2026-03-06"], ["--until", "2026-03-04"]):
        assert run(told, "stories", *none).exit_code == 1, none
    assert run(told, "stories", "--since", "2026-03-05", "--until", "2026-03-05").exit_code == 0
    assert "there is no source" in run(told, "stories", "--source", "nobody").output
    assert run(told, "stories", "--since", "yesterday").exit_code == 2


def test_copies(told: Archive) -> None:
    done = run(told, "copies", "--source", "courier")
    assert done.exit_code == 0
    assert "story 1  after herald  3 outlets" in done.output
    assert "100% of it is shared, 0 words are its own" in done.output
    assert run(told, "copies", "--source", "courier", "--first").exit_code == 1
    assert "story 1  first  3 outlets" in run(told, "copies", "--source", "herald", "--first").output
    assert run(told, "copies", "--source", "herald", "--later").exit_code == 1
    assert json.loads(run(told, "copies", "--source", "post", "--json").output)["first_source"] == "herald"
    assert run(told, "copies", "--source", "vestnik").exit_code == 1
