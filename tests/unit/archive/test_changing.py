"""`python -m archive diff` and `changes`, and the same from Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from archive import Archive, QueryError
from archive.changes import Kind
from archive.cli import cli
from archive.commands.changing import COLOURS, SIGNS, written
from archive.difference import Piece
from archive.postgres import Where
from tests.unit.archive.helpers import TEXT, add_source, filing, stamp

A, B = "https://island-post.example/a", "https://harbour-news.example/b"
MORE = "The mayor called it a good day for the islands."
ARABIC = "قال الوزير أمس إن العبارة ستبحر مرتين في اليوم من الميناء القديم إلى الجزر الشمالية."


def run(folder: Where, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--archive", str(folder)])


@pytest.fixture
def folder(place: Where) -> Where:
    """An archive of three changes: an addition and a headline in one article, a correction in another one, in Arabic."""
    with Archive(place, write=True) as archive, archive.transaction():
        one, other = add_source(archive), add_source(archive, "harbour_news")
        file = archive.store.file
        file(filing(one, A))
        file(filing(one, A, text=f"{TEXT}\n{MORE}", article_id=1, hours=1))
        file(filing(one, A, "Ferries thrice a day", f"{TEXT}\n{MORE}", article_id=1, hours=2))
        file(filing(other, B, "العبارة", ARABIC))
        changed = ARABIC.replace("مرتين", "ثلاث مرات") + "\nتصحيح: ذكرت نسخة سابقة من هذا الخبر رقما آخر."
        file(filing(other, B, "العبارة", changed, article_id=2, hours=30))
    return place


def test_changes_from_python(folder: Where) -> None:
    with Archive(folder) as archive:
        kinds = [(change.article_id, change.kind, change.source) for change in archive.changes()]
        assert kinds == [
            (2, Kind.CORRECTION, "harbour_news"),
            (1, Kind.HEADLINE, "island_post"),
            (1, Kind.ADDITION, "island_post"),
        ]
        first = next(archive.changes(kind="headline"))
        assert (first.title_before, first.title, first.changed_at) == (
            "Ferries twice a day",
            "Ferries thrice a day",
            stamp(2),
        )
        assert [change.article_id for change in archive.changes(silent=True)] == [1, 1]
        assert [change.kind for change in archive.changes(silent=False)] == [Kind.CORRECTION]
        assert [change.kind for change in archive.changes(source="harbour_news")] == [Kind.CORRECTION]
        assert [change.to_version for change in archive.changes(since=stamp(1), until=stamp(1))] == [2]
        assert [change.article_id for change in archive.changes(until="2026-03-05")] == [1, 1]
        assert [change.article_id for change in archive.changes(since="2026-03-06")] == [2]
        for wrong in ({"kind": "eaten"}, {"since": "soon"}):
            with pytest.raises(QueryError):
                list(archive.changes(**wrong))  # type: ignore[arg-type]


def test_many_changes_are_read_page_by_page(place: Where, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.revisions.PAGE_SIZE", 2)
    with Archive(place, write=True) as archive:
        source = add_source(archive)
        with archive.transaction():
            for hours in range(8):
                archive.store.file(
                    filing(source, A, f"Title {hours}", article_id=1 if hours else None, hours=hours // 3)
                )
        assert [change.to_version for change in archive.changes()] == [8, 7, 6, 5, 4, 3, 2]


def test_a_difference_from_python(folder: Where) -> None:
    with Archive(folder) as archive:
        last = archive.diff(1)
        assert last is not None
        assert (last.before.version, last.after.version, last.kind) == (2, 3, Kind.HEADLINE)
        assert last.title == [Piece("=", "Ferries "), Piece("-", "twice"), Piece("+", "thrice"), Piece("=", " a day")]
        whole = archive.diff(1, 1, 3)
        assert whole is not None
        assert whole.text == [Piece("=", f"{TEXT}\n"), Piece("+", f"{MORE}\n")]
        back = archive.diff(1, 3, 1)
        assert back is not None
        assert back.text[-1] == Piece("-", f"{MORE}\n")
        assert archive.diff(1, after=1) is None
        with pytest.raises(QueryError):
            archive.diff(1, 1, 9)


def test_diff_marks_words(folder: Where) -> None:
    result = run(folder, "diff", "1", "--from", "1")
    assert result.exit_code == 0
    assert "Ferries [-twice-]{+thrice+} a day" in result.output
    assert f"{{+{MORE}+}}" in result.output
    assert "\x1b" not in result.output


def test_diff_isolates_what_runs_from_right_to_left(folder: Where) -> None:
    result = run(folder, "diff", B)
    assert result.exit_code == 0
    assert "[-\u2068مرتين\u2069-]{+\u2068ثلاث مرات\u2069+}" in result.output
    assert any(line.startswith("\u200f") for line in result.output.split("\n"))


def test_diff_as_json(folder: Where) -> None:
    record = json.loads(run(folder, "diff", "1", "--json").output)
    assert (record["kind"], record["silent"], record["before"]["version"]) == ("headline", True, 2)
    assert {"op": "+", "text": "thrice"} in record["title"]


def test_colours_and_no_control_characters(tmp_path: Path) -> None:
    with Archive(tmp_path / "data", write=True) as archive:
        source = add_source(archive)
        with archive.transaction():
            archive.store.file(filing(source, A, "One \x1b[2J two"))
            archive.store.file(filing(source, A, "One \x1b[2J \u202ethree", article_id=1, hours=1))
        difference = archive.diff(1)
    assert difference is not None
    plain = "\n".join(written(difference, SIGNS))
    assert not {"\x1b", "\u202e"} & set(plain)
    assert "\x1b[32;1m" in "\n".join(written(difference, COLOURS))


def test_changes_as_lines_and_json(folder: Where) -> None:
    result = run(folder, "changes")
    assert result.exit_code == 0
    assert [line.split()[1] for line in result.output.split("\n") if line.startswith("2026")] == [
        "correction",
        "headline",
        "addition",
    ]
    assert "before: Ferries twice a day" in result.output
    lines = run(folder, "changes", "--kind", "correction", "--json").output.splitlines()
    assert [json.loads(line)["article_id"] for line in lines] == [2]
    assert len(run(folder, "changes", "--limit", "1", "--json").output.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("diff", "99"), 1),
        (("diff", "2", "--from", "7"), 2),
        (("changes", "--source", "nobody"), 2),
        (("changes", "--since", "soon"), 2),
        (("changes", "--kind", "eaten"), 2),
        (("changes", "--kind", "trivial"), 1),
    ],
    ids=str,
)
def test_what_is_not_there(folder: Where, arguments: tuple[str, ...], status: int) -> None:
    assert run(folder, *arguments).exit_code == status


def test_a_number_that_no_article_can_have(folder: Where) -> None:
    huge = "9" * 20
    result = run(folder, "diff", huge)
    assert (result.exit_code, result.stderr) == (1, f"there is no article {huge}\n")
    assert run(folder, "diff", "1", "--from", huge).exit_code == 2
