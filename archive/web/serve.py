"""Serve an archive with Datasette, also while the crawler writes to it."""

from __future__ import annotations

import csv
import ipaddress
import signal
import socket
import sqlite3
import sys
import webbrowser
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from archive.errors import ArchiveError, ArchiveMissing
from archive.export import defused
from archive.transfer.reading import reading_file
from archive.transfer.shard import read_shard
from archive.web.gate import LOOPBACK_NAMES, Gate

WEB = Path(__file__).parent
DATABASE = "archive.db"
SHUTDOWN_SECONDS = 3  # for answers under way; the query time limit is shorter
CONNECTIONS = 100  # at a time; a browser opens six, and Datasette answers four queries at once
LEAST_PASSWORD = 8  # characters


def serve(
    folder: Path,
    shards: Sequence[Path] = (),
    *,
    host: str = "127.0.0.1",
    port: int = 8001,
    open_browser: bool = False,
    password: str | None = None,
    names: Iterable[str] = (),
    sql: bool | None = None,
    saving: bool | None = None,
) -> None:
    """Serve the archive in `folder`, or `shards` of one as a whole, until SIGINT or SIGTERM; port 0 takes any free one. Prints the address.

    The database is opened read-only and as a live file: never as immutable, which shows a torn picture of a file that
    is being written; shards, which nobody writes, are opened as immutable. With a `password` nothing is shown without it. On a loopback address we answer to its names and to
    `names`, on another to every name unless there are `names`. Readers may write SQL of their own (`sql`, None: decide)
    and keep searches under a name (`saving`, the same) where they are no strangers: on this machine, or where they know
    the password.
    Raises ArchiveMissing when there is no archive, ArchiveError when it or the port cannot be opened.
    """
    databases = check_shards(shards) if shards else [check(folder)]
    if password is not None and len(password) < LEAST_PASSWORD:
        raise ArchiveError(f"The password is too short: it needs {LEAST_PASSWORD} characters.")
    import uvicorn  # here: other commands need neither

    listener = _listen(host, port)
    local = ipaddress.ip_address(listener.getsockname()[0].partition("%")[0]).is_loopback
    answers_to = {name.lower().strip("[].") for name in (*names, *((host, *LOOPBACK_NAMES) if local else ()))}
    if not local and password is None:
        print(f"Whoever reaches {host} can read this archive: there is no password.", file=sys.stderr, flush=True)
    sql = (local or password is not None) if sql is None else sql
    saving = (local or password is not None) if saving is None else saving
    app = Gate(
        datasette(*databases, shards=bool(shards), sql=sql, saving=saving).app(),
        frozenset(answers_to) or None,
        password,
    )
    address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                print(f"Kiosque is at {address}", flush=True)
                if open_browser:
                    webbrowser.open(address)

    config = uvicorn.Config(
        app,
        lifespan="on",
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        limit_concurrency=CONNECTIONS,
        server_header=False,
    )
    # uvicorn raises the signal once more when it has stopped: an orderly stop is no failure.
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        Server(config).run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        listener.close()


def check(folder: Path) -> Path:
    """Give the database file of an archive after making sure that it can be read. Raises ArchiveError."""
    database = folder / DATABASE
    if not database.is_file():
        raise ArchiveMissing(f"There is no archive in {folder}: it has no {DATABASE}. Crawl or import something first.")
    try:
        # As Datasette opens it. A WAL file needs its -shm file, which the reader makes if nobody else has it open.
        conn = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
        try:
            conn.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH '\"\"'").fetchone()
        finally:
            conn.close()
    except sqlite3.Error as error:
        raise ArchiveError(
            f"{database} cannot be read ({error}). It must be an archive made by this version, in a folder that can be "
            "written to (SQLite keeps the index of its log there)."
        ) from error
    return database


def check_shards(given: Sequence[Path]) -> list[Path]:
    """The files of some shards or folders of shards, after making sure that they can be read and that no two of them have an
    article of the same id, which addresses are made of. Raises ArchiveMissing or ArchiveError."""
    found = [path for one in given for path in (sorted(one.glob("*.db")) if one.is_dir() else [one])]
    if not found:
        raise ArchiveMissing(f"There is no shard in {', '.join(map(str, given))}: no file *.db.")
    names = Counter(path.stem for path in found)
    if twice := [name for name, number in names.items() if number > 1]:
        raise ArchiveError(f"Two files have the name {twice[0]}; each shard needs one of its own.")
    held: dict[int, Path] = {}
    for path in found:
        read_shard(path)
        with reading_file(str(path.resolve())) as reader:
            for (number,) in reader.rows("SELECT id FROM articles"):
                if (other := held.setdefault(number, path)) != path:
                    raise ArchiveError(
                        f"Article {number} is in {other} and in {path}: they are of different archives, or the article was "
                        "moved to another month between. Make the older one again."
                    )
    return found


def datasette(*databases: Path, shards: bool = False, sql: bool = True, saving: bool = True) -> Any:
    """Build the Datasette application for a database file, or for `shards`; `sql`: readers may write queries of their own, `saving`: they
    may keep searches under a name."""
    import yaml
    from datasette.app import Datasette

    # Where rich is installed, Datasette prints a boxed traceback with all variables for every page that is not found.
    # By name: imported before the application, the module would register without its hook.
    import_module("datasette.handle_exception").rich = None  # type: ignore[attr-defined]
    # Datasette has no hook for CSV: its one use of the module `csv` is `csv.writer(stream)`.
    import_module("datasette.views.base").csv = SimpleNamespace(writer=_Writer)  # type: ignore[attr-defined]

    metadata = yaml.safe_load((WEB / "datasette.yaml").read_text("utf-8"))
    settings = metadata.pop("settings") | {"default_allow_sql": sql}
    metadata["plugins"] = {"kiosque": {"saving": saving}}
    files = [str(path) for path in databases]
    if shards:
        about = metadata["databases"].pop("archive")
        metadata["databases"] = {path.stem: about for path in databases}
        metadata["plugins"]["kiosque"]["shards"] = [path.stem for path in databases]
    return Datasette(
        [] if shards else files,
        immutables=files if shards else [],
        metadata=metadata,
        settings=settings,
        template_dir=str(WEB / "templates"),
        plugins_dir=str(WEB / "plugins"),
        static_mounts=[("kiosque", str(WEB / "static"))],
    )


class _Writer:
    """A CSV writer whose texts no spreadsheet takes for formulas."""

    def __init__(self, stream: Any) -> None:
        self._writer = csv.writer(stream)

    def writerow(self, row: Sequence[object]) -> Any:
        """Write a row; gives what the stream's `write` gave, which is waited for."""
        return self._writer.writerow([defused(cell) for cell in row])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        raise ArchiveError(f"Cannot listen on {host} port {port}: {error}") from error
    return listener
