"""A fork of the loaded process does what a process of its own would."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import warm

ABOUT_ITSELF = """
import atexit, os, random, sys, time
from crawler import settings
atexit.register(print, "in the end", file=sys.stderr)
print(__name__, sys.argv, sys.path[:2], os.getcwd(), sorted(os.environ), time.tzname, settings.CONTACT, sys.stdin.read())
print(sys.stdout.encoding, sys.stdout.errors, sys.stderr.encoding, sys.stderr.errors, sys.stdin.encoding)
print(os.getpgid(0) == os.getpgid(os.getppid()), [signal for signal in range(1, 32) if signal in (9, 19) or __import__("signal").getsignal(signal)])
"""
SCRIPT = "import sys; print(__name__, __file__, sys.argv, sys.path[0]); sys.exit(sys.argv[1])"


def both(tmp_path: Path, *arguments: str, **more: Any) -> list[subprocess.CompletedProcess[str]]:
    """The same command in both ways."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"} | {
        "TZ": "Asia/Kathmandu",
        "KIOSQUE_CONTACT": "é@example.org",
        "PYTHONPATH": f"{warm.ROOT}:{tmp_path}",
    }
    return [
        module.run(  # type: ignore[attr-defined]
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, **more
        )
        for module in (subprocess, warm)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("-c", ABOUT_ITSELF, "--one", "two"), 0),
        (("script.py", "what went wrong"), 1),
        (("-m", "package", "a"), 0),
        (("-c", "import os; print('lost'); os._exit(7)"), 7),
        (("-c", "import os; print('kept', flush=True); os.kill(os.getpid(), 15)"), -signal.SIGTERM),
        (("-m", "archive", "--help"), 0),
        (("-m", "archive", "search", "word", "--archive", "none"), 2),
        (("-m", "scrapy", "version"), 0),
        ((str(warm.ROOT / "scheduler.py"), "--force"), 2),
    ],
    ids=lambda value: " ".join(value)[:40].strip() if isinstance(value, tuple) else None,
)
def test_it_says_and_does_the_same(tmp_path: Path, arguments: tuple[str, ...], status: int) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__main__.py").write_text("import sys; print(__name__, __package__, sys.argv, sys.path[0])")
    own, fork = both(tmp_path, *arguments, input="said to it é")
    assert (fork.returncode, fork.stdout, fork.stderr) == (own.returncode, own.stdout, own.stderr)
    assert own.returncode == status


def test_an_error_is_told_with_its_lines(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("def f():\n    raise KeyError('x')\n\nf()\n")
    own, fork = both(tmp_path, "script.py")
    assert own.returncode == fork.returncode == 1
    assert own.stderr.splitlines()[-5:] == fork.stderr.splitlines()[-5:]


def test_what_one_does_is_not_known_to_the_next(tmp_path: Path) -> None:
    code = "import os, archive; print(hasattr(archive, 'mark'), 'MARK' in os.environ); archive.mark = os.environ['MARK'] = '1'"
    for _ in range(2):
        assert both(tmp_path, "-c", code)[1].stdout == "False False\n"


def test_it_is_a_child_that_can_be_killed_and_waited_for(tmp_path: Path) -> None:
    process = warm.Popen(
        [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(100)"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "here\n"
    assert process.poll() is None
    process.kill()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == -signal.SIGKILL
    assert usage.ru_maxrss > 0
    process.stdout.close()
    with pytest.raises(subprocess.TimeoutExpired):
        warm.run([sys.executable, "-c", "import time; time.sleep(100)"], timeout=0.2)
