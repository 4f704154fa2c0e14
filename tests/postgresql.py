"""A PostgreSQL server of the tests' own: in a folder that goes away with them, on a socket in it, without fsync."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql

START_S = 60
MEMORY, ROOM = "/dev/shm", 1_000_000_000
USER = "kiosque"
TEMPLATE = "kiosque_template"
SETTINGS = (
    "fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "max_connections=40",
    "shared_buffers=32MB", "wal_level=minimal", "max_wal_senders=0", "jit=off",
)  # fmt: skip


def programs() -> Path | None:
    """The folder with initdb and postgres; None when PostgreSQL is not installed."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return Path(found).resolve().parent if found else debian[-1].parent if debian else None


@dataclass
class Server:
    """A running server."""

    folder: Path
    process: subprocess.Popen[bytes]
    command: list[str | Path] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str, folder: Path | str | None = None) -> str:
        """The address of a database; `folder` for raw pages."""
        raw = f"&folder={folder}" if folder is not None else ""
        return f"postgresql://{USER}@/{database}?host={self.folder}{raw}"

    def database(self, template: str = TEMPLATE) -> str:
        """Make a database; gives its name."""
        name = f"kiosque_{next(self._numbers)}"
        self.run("CREATE DATABASE {} TEMPLATE {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Take a database away."""
        self.run("DROP DATABASE {} WITH (FORCE)", name)

    @contextmanager
    def archive(self, folder: Path | str) -> Iterator[str]:
        """The address of an archive without an article, for as long as the block lasts; `folder` for raw pages."""
        name = self.database()
        yield self.url(name, folder)
        self.drop(name)

    def restart(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it, sessions and all (SIGQUIT: as a crash would), and start it again with the same databases."""
        self.process.send_signal(how)
        self.process.wait(START_S)
        self.process = _start(self.command, self.folder)
        _wait(self)

    def run(self, statement: str, *names: str) -> None:
        """Run a statement of the superuser's."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as conn:
            conn.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]


@contextmanager
def server(listen: str = "", before: Sequence[str] = ()) -> Iterator[Server]:
    """A server for as long as the block lasts, with an archive as template. `listen`: an address that it takes connections at,
    beside its socket; `before`: what its command begins with."""
    place = programs()
    if place is None:
        raise RuntimeError("the archive's tests need PostgreSQL: sh tests/install-postgresql.sh")
    # not in pytest's own folder: the name of a socket has room for 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="kiosque-pg-", dir=_roomy_memory()))
    process: subprocess.Popen[bytes] | None = None
    started: Server | None = None
    try:
        become = _become(folder)
        data = folder / "data"
        made = subprocess.run(
            [*become, place / "initdb", "-D", data, "-U", USER, "-A", "trust", "-N", "-E", "UTF8", "--no-locale"],
            capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip
        if made.returncode:
            raise RuntimeError(f"initdb: {made.stderr}")
        with (data / "pg_hba.conf").open("w", encoding="ascii") as hba:
            hba.write(f"local all {USER} trust\nlocal all all scram-sha-256\nhost all {USER} samenet trust\n")
        settings = (*SETTINGS, f"unix_socket_directories={folder}", f"listen_addresses={listen}")
        options = [part for one in settings for part in ("-c", one)]
        command: list[str | Path] = [*before, *become, place / "postgres", "-D", data, *options]
        process = _start(command, folder)
        started = Server(folder, process, command)
        _wait(started)
        _make_template(started)
        yield started
    finally:
        if started is not None:
            process = started.process  # may be another one by now
        if process is not None:
            process.send_signal(signal.SIGQUIT)  # at once: nothing is to be kept
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _start(command: list[str | Path], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)


def _roomy_memory() -> str | None:
    """A file system in memory, where making a database takes a tenth of the time; None when there is none to speak of."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else None
    except OSError:
        return None


def _become(folder: Path) -> list[str]:
    """How to start what refuses to run as root."""
    if os.getuid():
        return []
    user = next(found for name in ("postgres", "nobody") if (found := _user(name)))
    os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(0o755)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _wait(started: Server) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(started.url("postgres")).close()
            return
        except psycopg.OperationalError:
            if started.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((started.folder / "log").read_text(encoding="utf-8", errors="replace")) from None
            time.sleep(0.02)


def _make_template(started: Server) -> None:
    from archive import Archive

    started.run("CREATE DATABASE {}", TEMPLATE)
    with tempfile.TemporaryDirectory() as raw:
        Archive(started.url(TEMPLATE, raw), write=True).close()
