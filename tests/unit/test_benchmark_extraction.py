"""The extraction benchmark: its measures by hand-counted cases, and a whole run over a small WARC file with truth."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks import extraction, systems
from benchmarks.measures import Output, Truth, overlap, same_day, same_minute, same_words, score, tokens
from benchmarks.report import Imports, Line, figures, table
from benchmarks.stages import OF_A_PAGE, OF_A_RECORD, OF_AN_IMPORT, Stages, examine_watched, watched
from benchmarks.systems import SYSTEMS, WARM_PAGE, Input, one_pass
from crawler.extraction.article import Page, examine

PARAGRAPHS = [
    "The council voted last night to repair the old bridge, after a long debate with the people of the quarter.",
    "Work begins in spring and is to last two years; a ferry for walkers and bicycles runs in the meantime.",
    "The mayor said that the cost of nine million would be shared with the county and the railway company.",
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Old bridge, new name", ["Old", "bridge", "new", "name"], id="words"),
        pytest.param("中国新闻 BBC", ["中", "国", "新", "闻", "BBC"], id="Chinese by character"),
        pytest.param("한국 뉴스", ["한", "국", "뉴", "스"], id="Korean by character"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("true", "found", "expected"),
    [
        pytest.param("a b c d e", "a b c d e", (1.0, 1.0), id="the same"),
        pytest.param("a b c d e", "a b c d e f g", (0.5, 1.0), id="two shingles too many"),
        pytest.param("a b c d e f g", "a b c d e", (1.0, 0.5), id="two shingles missed"),
        pytest.param("a b c d", "a b c d a b c d", (0.2, 1.0), id="said twice counts once"),
        pytest.param("a b c", "a b c", (1.0, 1.0), id="shorter than a shingle"),
        pytest.param("a b c d", "", (None, 0.0), id="nothing found"),
        pytest.param("", "a b c d", (0.0, None), id="nothing to find"),
    ],
)
def test_overlap(true: str, found: str, expected: tuple[float | None, float | None]) -> None:
    assert overlap(true, found) == expected


@pytest.mark.parametrize(
    ("measure", "true", "found", "expected"),
    [
        pytest.param(same_words, "“Old bridge”: new name", "old Bridge - New name", True, id="title in other quotes"),
        pytest.param(same_words, "Old bridge", "Old bridge | The Example", False, id="title with site name"),
        pytest.param(same_day, "2024-03-12 23:30:00+01:00", "2024-03-12T22:30:00Z", True, id="day in its zone"),
        pytest.param(same_day, "2024-03-12 00:30:00+01:00", "2024-03-12T00:30:00Z", True, id="day, another hour"),
        pytest.param(same_day, "2024-03-13 00:30:00+01:00", "2024-03-12T20:30:00Z", False, id="the day before"),
        pytest.param(same_day, "2024-03-12 23:30:00+01:00", "2024-03-12", True, id="day without a time"),
        pytest.param(same_day, "2024-03-12 23:30:00+01:00", "2024-03-15", False, id="another day"),
        pytest.param(same_day, "2024-03-12 23:30:00+01:00", "", False, id="no day"),
        pytest.param(same_minute, "2024-03-12 23:30:20+01:00", "2024-03-12T22:30:00Z", True, id="minute in its zone"),
        pytest.param(same_minute, "2024-03-12 23:30:00+01:00", "2024-03-12T23:30:00Z", False, id="zone taken for UTC"),
        pytest.param(same_minute, "2024-03-12 23:30:00", "2024-03-12T18:00:00Z", True, id="truth of unknown zone"),
        pytest.param(same_minute, "2024-03-12 23:30:00", "2024-03-12T18:07:00Z", False, id="no zone is seven minutes"),
        pytest.param(same_minute, "2024-03-12 23:30:00", "2024-03-10T23:30:00Z", False, id="farther than any zone"),
        pytest.param(same_minute, "2024-03-12 00:00:00+00:00", "2024-03-12", False, id="a day is no minute"),
    ],
)
def test_agreement(measure: Callable[[str, str], bool], true: str, found: str, expected: bool) -> None:
    assert measure(true, found) is expected


def test_score_counts_missing_pages_and_averages_over_pages() -> None:
    truth = [
        Truth("u:1", "a b c d e", "One", "2024-03-12 10:00:00+00:00", ("Ada Lin", "Bo Ek")),
        Truth("u:2", "a b c d e", "Two", "2024-03-12 00:00:00", ("Cy Ode",)),
        Truth("u:3", "a b c d e"),
    ]
    found = {
        "u:1": Output("One", "a b c d e", "2024-03-12T10:00:00Z", ("ada lin", "Desk")),
        "u:2": Output("Other", "a b c d e f g", "2024-03-12"),
    }
    result = score(truth, found)
    assert (result.precision, result.recall) == (pytest.approx(0.75), pytest.approx(2 / 3))
    assert result.f1 == pytest.approx(2 * 0.75 * (2 / 3) / (0.75 + 2 / 3))
    assert result.exact == pytest.approx(1 / 3)
    assert (result.title, result.day, result.minute) == (0.5, 1.0, 1.0)
    assert result.author_f1 == pytest.approx(2 * 1 / (3 + 2))
    assert result.empty == 1


def test_score_says_nothing_where_the_truth_does() -> None:
    result = score([Truth("u:1", "a b c d")], {"u:1": Output(text="a b c d")})
    assert (result.f1, result.title, result.day, result.minute, result.author_f1) == (1.0, None, None, None, None)


def test_an_error_counts_as_empty_output_and_is_told() -> None:
    def fails(page: Input) -> Output:
        raise ValueError("no\n  tree")

    (row,) = one_pass(fails, [WARM_PAGE])
    assert row["error"] == "ValueError: no tree"
    assert row["output"] == {"title": "", "text": "", "published": "", "authors": ()}
    assert row["cpu"] >= 0


@pytest.mark.parametrize("name", ["kiosque", "trafilatura", "trafilatura-precision", "trafilatura-fast"])
def test_a_system_reads_a_plain_article(name: str) -> None:
    found = SYSTEMS[name].load()(WARM_PAGE)
    assert found.title == "Ferry line opens again"
    assert "The ferry between the two towns runs again" in found.text
    assert found.published.startswith("2024-03-12")
    assert found.authors == ("Ada Example",)


def test_a_system_that_is_not_installed_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> systems.Extract:
        raise ModuleNotFoundError("No module named 'absent'")

    monkeypatch.setitem(SYSTEMS, "absent", systems.System("absent", absent))
    # main() silences logging for the whole process, which a program of its own may do and a test may not
    monkeypatch.setattr(systems.logging, "disable", lambda level: None)
    systems.main("absent", tmp_path / "pages", tmp_path / "result")
    missing = json.loads((tmp_path / "result").read_text())["missing"]
    assert missing == "not installed: No module named 'absent'"
    rows = list(table([Line("kiosque", None, note=missing)], markdown=False))
    assert "not installed: No module named 'absent'" in rows[1]


def test_inner_stages_are_not_counted_in_outer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.0, 4.0, 10.0])
    monkeypatch.setattr("benchmarks.stages.time.thread_time", lambda: next(clock))
    stages = Stages()
    with stages.timed("outer"), stages.timed("inner"):
        pass
    assert stages.seconds == {"outer": 7.0, "inner": 3.0}


def test_every_stage_still_has_its_functions() -> None:
    """A function that was renamed would let its time slip into the rest, unseen."""
    page = Page(WARM_PAGE.url, WARM_PAGE.body, WARM_PAGE.captured_at, WARM_PAGE.content_type)
    examined, seconds = examine_watched(page)
    assert examined == examine(page)
    assert set(seconds) == {*OF_A_PAGE, "rest of extraction"}
    with watched(Stages(), OF_AN_IMPORT | OF_A_RECORD):
        pass


def test_table_and_figures() -> None:
    result = score([Truth("u:1", "a b c d", "One")], {"u:1": Output("One", "a b c d")})
    lines = [Line("kiosque", result, 0, 0.02, 0.04), Line("other", None, note="not installed: x")]
    plain, markdown = list(table(lines, markdown=False)), list(table(lines, markdown=True))
    assert plain[1].split() == [
        "kiosque", "1.0000", "1.0000", "1.0000", "1.0000", "1.0000", "-", "-", "-", "0", "0", "20.0", "50.0", "2.00"
    ]  # fmt: skip
    assert len({row.count("|") for row in markdown}) == 1
    one = Imports(1, 10, wall=1.0, start=2.0, cpu=0.02, parent=0.005, stages={"parse": 3.0, "body": 9.0}, score=result)
    two = Imports(2, 10, wall=0.5, start=2.0, cpu=None, parent=0.005, stages={}, score=None)
    said = list(figures([one, two], 0.04))
    assert "10.0 pages/s" in said[0]
    assert said[0].endswith("2.00 times the baseline's speed.")
    assert "2.00 times as fast as with 1 worker" in said[1]
    assert said[2].endswith("body 9.0, parse 3.0.")


def test_a_whole_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warc, truth = tmp_path / "pages.warc.gz", tmp_path / "pages.truth.jsonl"
    with warc.open("wb") as stream, truth.open("w", encoding="utf-8") as lines:
        writer = WARCWriter(stream, gzip=True)
        for number in range(3):
            url, title = f"https://www.example.com/news/{number}", f"Bridge number {number} is repaired"
            body = [f"{number}. {one}" for one in PARAGRAPHS]
            html = (
                f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
                '<meta property="og:type" content="article"><meta name="author" content="Ada Example">'
                '<meta property="article:published_time" content="2024-03-12T10:20:00+01:00"></head><body><article>'
                f"<h1>{title}</h1>{''.join(f'<p>{one}</p>' for one in body)}</article></body></html>"
            )
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(url, "response", payload=io.BytesIO(html.encode()), http_headers=http)
            )
            said = {"body": "\n".join(body), "title": title, "published": "2024-03-12 10:20:00+01:00"}
            lines.write(json.dumps({"url": url, **said, "authors": ["Ada Example"]}) + "\n")
    systems = ["--systems", "kiosque,trafilatura", "--repeat", "1"]
    assert extraction.main([str(warc), "--truth", str(truth), *systems]) == 0
    out = capsys.readouterr().out.splitlines()
    cells = {name: line.split()[-13:] for line in out[1:4] for name in [line.split("  ")[0]]}
    assert list(cells) == ["kiosque", "kiosque, archive", "trafilatura"]
    for name in ("kiosque", "kiosque, archive"):
        assert cells[name][2:10] == ["1.0000", "1.0000", "1.0000", "1.0000", "1.0000", "1.0000", "0", "0"], name
    assert cells["trafilatura"][4:8] == ["1.0000", "1.0000", "0.0000", "1.0000"]  # title, day, minute, authors
    assert cells["trafilatura"][-1] == "1.00"
    assert [line.split(":")[0] for line in out if line.startswith(("Import", "CPU"))] == [
        "Import with 1 worker",
        "Import with 2 workers",
        "CPU of an import, ms a page",
    ]
    assert any(line.startswith("2 processes of plain arithmetic did ") for line in out)
    assert any("trafilatura 2." in line for line in out)


def test_a_damaged_input_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.warc.gz").write_bytes(b"no such thing")
    (tmp_path / "t.jsonl").write_text("")
    assert extraction.main([str(tmp_path / "a.warc.gz"), "--truth", str(tmp_path / "t.jsonl")]) == 1
    assert "not a WARC file" in capsys.readouterr().err
