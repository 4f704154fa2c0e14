"""Three machines, as network namespaces: one with the papers and PostgreSQL, two with a worker each, one of which is cut off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.newsstand.demo import ROOT
from tests.postgresql import USER, server
from tests.workers.desk import Desk, articles, check_kept, check_pace
from tests.workers.press import Asked, write_sources

HOSTS, DELAY = 6, 0.3
MIDDLE = "10.231.0.1"  # the address of the machine with papers and PostgreSQL
CUT_S = 9


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of iproute2."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


@contextmanager
def machines(workers: int) -> Iterator[list[str]]:
    """Namespaces: that of the middle, then one for each worker, which reaches nothing but the middle. Skips the test where none
    can be made."""
    made = [f"kiosque-{os.getpid()}-{number}" for number in range(workers + 1)]
    try:
        for name in made:
            if (done := run("ip", "netns", "add", name)).returncode:
                pytest.skip(f"no network namespaces here: {done.stderr.strip()}")
        steps = [f"-n {made[0]} address add {MIDDLE}/32 dev lo", *(f"-n {name} link set lo up" for name in made)]
        for number, name in enumerate(made[1:], 1):
            net = f"10.231.{number}"
            steps += [
                f"link add to-{number} netns {made[0]} type veth peer name home netns {name}",
                f"-n {made[0]} address add {net}.1/30 dev to-{number}",
                f"-n {made[0]} link set to-{number} up",
                f"-n {name} address add {net}.2/30 dev home",
                f"-n {name} link set home up",
                f"-n {name} route add default via {net}.1",
            ]
        for step in steps:
            done = run("ip", *step.split())
            if "not permitted" in done.stderr or "not supported" in done.stderr:
                pytest.skip(f"no network between namespaces here: ip {step}: {done.stderr.strip()}")
            assert done.returncode == 0, f"ip {step}: {done.stderr}"
        yield made
    except FileNotFoundError:
        pytest.skip("no network namespaces here: iproute2 is not installed")
    finally:
        for name in made:
            run("ip", "netns", "delete", name)


@contextmanager
def press_in(namespace: str, articles_each: int, log: Path) -> Iterator[list[str]]:
    """A press in a namespace; gives its hosts."""
    command = ["ip", "netns", "exec", namespace, sys.executable, "-m", "tests.workers.press"]
    arguments = [MIDDLE, str(HOSTS), str(articles_each), str(log)]
    process = subprocess.Popen(
        [*command, *arguments], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("each", "turns"), [(6, 1), pytest.param(30, 3, marks=pytest.mark.soak)])
def test_a_worker_is_cut_off(tmp_path: Path, each: int, turns: int) -> None:
    log, total = tmp_path / "requests.txt", HOSTS * each
    log.touch()

    def asked() -> list[Asked]:
        return [Asked(*json.loads(line)) for line in log.read_text().splitlines()]

    with ExitStack() as stack:
        middle, *places = stack.enter_context(machines(2))
        inside = ("ip", "netns", "exec", middle)
        postgresql = stack.enter_context(server(listen=MIDDLE, before=inside))
        hosts = stack.enter_context(press_in(middle, each, log))
        name = postgresql.database()
        write_sources(tmp_path / "sources", hosts, DELAY)
        desk = Desk(
            postgresql.url(name, tmp_path / "data"),
            tmp_path,
            {"CRAWLS_AT_ONCE": "3", "DOWNLOAD_DELAY": str(DELAY), "NET_ALLOW": "10.231.0.0/16"},
            url_of_workers=f"postgresql://{USER}@{MIDDLE}/{name}?folder={tmp_path / 'data'}",
            before={number: ("ip", "netns", "exec", place) for number, place in enumerate(places)},
        )
        stack.callback(desk.end)
        desk.start(), desk.start()
        for turn in range(turns):
            due = total * (turn + 1) // (turns + 1)
            desk.wait(lambda due=due: len(set(articles(asked()))) >= due, f"{due} articles")  # type: ignore[misc]
            settled, moment = desk.done(), time.monotonic()
            link = ("ip", "-n", middle, "link", "set", f"to-{turn % 2 + 1}")
            assert run(*link, "down").returncode == 0
            time.sleep(CUT_S)
            assert run(*link, "up").returncode == 0
            again = settled & set(articles([one for one in asked() if one.at > moment]))
            assert not again, f"fetched again although settled: {again}"
        desk.wait(lambda: desk.counts()["stored"] == total, f"{total} articles in the archive")
        desk.stop()
        check_kept(desk, total)
        check_pace(asked(), DELAY)
        print(
            f"cut off: {total} articles, {len(asked())} requests, {len(articles(asked())) - total} pages fetched again"
        )
