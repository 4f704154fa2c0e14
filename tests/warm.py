"""Commands of the project without the wait for their imports.

A crawl in a test takes less time than loading what it needs. `Popen` and `run` are those of `subprocess`, for commands
that start with `sys.executable`; but the process is a fork of one that has loaded everything and done nothing. It has its
own arguments, environment, folder, files and exit, and runs the program from its first line, as `__main__`.

A test of what happens before that line, of limits, memory or kills has a process of its own from `subprocess`, and so has
at least one test of each program.

`python -m tests.warm FD` is the process that is forked; FD is its end of a socket.
"""

from __future__ import annotations

import ctypes
import fcntl
import gc
import importlib
import json
import os
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from multiprocessing import util
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# what the programs load, and what the process loads that their workers are forked from
MODULES = (
    "scheduler scrapy.cmdline archive.cli crawler.reextract crawler.importer crawler.spider_loader crawler.pipelines "
    "crawler.extraction.pool crawler.workshop crawler.ready crawler.discovery.listing itemadapter "
    "multiprocessing.popen_forkserver rich._emoji_codes scrapy.extensions.corestats scrapy.extensions.memusage "
    "scrapy.extensions.closespider scrapy.logformatter scrapy.pqueues scrapy.squeues scrapy.statscollectors"
).split()
PACKAGES = ("scrapy.commands", "crawler.commands", "scrapy.downloadermiddlewares", "scrapy.spidermiddlewares")
# read while modules are loaded, or by what they load: nobody may find another's values in them
PER_PROCESS = ("crawler.settings", "twisted.internet.reactor")
LONGEST = 1 << 17  # bytes of a request
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
AWAY = 100  # above the numbers of files that a fresh process has


class Popen(subprocess.Popen[Any]):
    """A `subprocess.Popen` whose process is a fork of the loaded one. Its arguments are a Python command line."""

    def _execute_child(self, args: Sequence[str], _executable: object, preexec_fn: object, _close_fds: bool,
                       pass_fds: Sequence[int], cwd: object, env: Mapping[str, str] | None, *rest: Any) -> None:  # fmt: skip
        pipes = rest[3:9]  # p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite
        python, *argv = map(os.fspath, args)
        assert python == sys.executable and preexec_fn is None and not pass_fds, "this one needs a process of its own"
        request = {"argv": argv, "cwd": os.fspath(cwd or "."), "env": dict(os.environ if env is None else env)}
        files = [own if own != -1 else inherited for inherited, own in enumerate((pipes[0], pipes[3], pipes[5]))]
        loaded = _loaded()
        _adopt(True)
        try:
            socket.send_fds(loaded, [json.dumps(request).encode()], files)
            self.pid = int(loaded.recv(32))
            assert loaded.recv(32) == b"yours"
        finally:
            _adopt(False)
        self._child_created = True
        self._close_pipe_fds(*pipes)


def run(
    args: Sequence[str], *, input: Any = None, capture_output: bool = False, timeout: float | None = None,
    check: bool = False, **more: Any,
) -> subprocess.CompletedProcess[Any]:  # fmt: skip
    """As `subprocess.run`."""
    if input is not None:
        more["stdin"] = subprocess.PIPE
    if capture_output:
        more |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with Popen(args, **more) as process:
        try:
            out, err = process.communicate(input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(args, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


def _adopt(orphans: bool) -> None:
    """Have this process be the parent of its children's children, or not."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(orphans), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


@cache
def _loaded() -> socket.socket:
    """The socket of the loaded process, which ends when this one does."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        subprocess.Popen(
            [sys.executable, "-m", __name__, str(its.fileno())], cwd=ROOT, pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return ours


# -- in the loaded process -------------------------------------------------------------------------------------------------


def serve(asked: socket.socket) -> list[str]:
    """Fork whenever somebody asks; returns in the forks, with the command line of each."""
    while True:
        data, files, _, _ = socket.recv_fds(asked, LONGEST, 3)
        if not data:
            os._exit(0)
        if between := os.fork():
            for file in files:
                os.close(file)
            os.waitpid(between, 0)  # with its end the process that it forked is the asker's
            asked.send(b"yours")
        elif pid := os.fork():
            asked.send(b"%d" % pid)
            os._exit(0)
        else:
            asked.close()
            return become(files, **json.loads(data))


def become(files: Sequence[int], argv: list[str], cwd: str, env: dict[str, str]) -> list[str]:
    """Take on what belongs to a process."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    as_now = {"encoding": sys.stdout.encoding, "errors": sys.stdout.errors, "closefd": False}
    sys.stdin = sys.__stdin__ = open(0, **as_now)  # noqa: SIM115
    sys.stdout = sys.__stdout__ = open(1, "w", **as_now)  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", 1, **as_now | {"errors": "backslashreplace"})  # noqa: SIM115
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    sys.path[1:1] = [path for path in env.get("PYTHONPATH", "").split(os.pathsep) if path]
    lend()
    return argv


def lend() -> None:
    """Have a fork at hand that becomes the process that workers are forked from, instead of loading all that again."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if not (pid := os.fork()):
        ours.close()
        data, files, _, _ = socket.recv_fds(its, LONGEST, 16)
        its.close()
        if not data:
            os._exit(0)
        code, numbers = json.loads(data)
        apart = [fcntl.fcntl(file, fcntl.F_DUPFD, AWAY) for file in files]  # a number may be that of another file
        for file in files:
            os.close(file)
        for file, number in zip(apart, numbers, strict=True):
            os.dup2(file, number)
            os.close(file)
        exec(code, {})
        os._exit(0)
    its.close()
    spawn = util.spawnv_passfds

    def spawnv_passfds(path: Any, args: Sequence[str], passfds: Sequence[int]) -> int:
        nonlocal pid
        if "multiprocessing.forkserver" not in args[-1] or not pid:  # a second one is loaded as usual
            return spawn(path, args, passfds)
        with ours:
            socket.send_fds(ours, [json.dumps([args[-1], list(passfds)]).encode()], passfds)
        given, pid = pid, 0
        return given

    util.spawnv_passfds = spawnv_passfds


def execute(argv: list[str]) -> None:
    """Run a Python command line: `-m MODULE ...`, `-c CODE ...` or `FILE ...`."""
    if argv[0] == "-m":
        sys.path[0], sys.argv = os.getcwd(), argv[1:]
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        return
    sys.modules["__main__"] = main = ModuleType("__main__")
    if argv[0] == "-c":
        sys.path[0], sys.argv = "", ["-c", *argv[2:]]
        exec(argv[1], vars(main))
    else:
        file = Path(argv[0]).absolute()
        sys.path[0], sys.argv, main.__file__ = str(file.resolve().parent), argv, str(file)
        exec(compile(file.read_bytes(), file, "exec"), vars(main))


def load() -> None:
    """Import what the commands would, and no more."""
    for name in MODULES:
        importlib.import_module(name)
    from scrapy.utils.misc import walk_modules_iter

    from crawler.notifying import channels_of  # late: a test that asks for a fork imports this module, too

    for name in PACKAGES:
        list(walk_modules_iter(name))
    channels_of("json://127.0.0.1")  # apprise loads what it knows when it is asked for the first time
    for name in PER_PROCESS:
        assert name not in sys.modules, f"{name} is loaded"
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    load()
    execute(serve(socket.socket(fileno=int(sys.argv[1]))))
