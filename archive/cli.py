"""`python -m archive`: search, show, count, export, import, check, serve. A thin layer over `archive.Archive`.

Exit status: 0 well, 1 nothing found or something left undone, 2 the archive is missing, in use or in trouble.
"""

from __future__ import annotations

import click

from archive.commands import (
    changing,
    corpora,
    filling,
    giving,
    health,
    jobs,
    keeping,
    moving,
    notify,
    reading,
    telling,
    watch,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The news archive: search it, look at it, import into it, open it in a browser."""


for _command in (
    reading.search,
    reading.show,
    reading.stats,
    reading.serve,
    giving.export,
    corpora.corpus,
    changing.diff,
    changing.changes,
    telling.story,
    telling.stories,
    telling.copies,
    filling.import_warc,
    filling.reextract,
    jobs.jobs,
    filling.import_opml,
    filling.export_opml,
    keeping.migrate,
    keeping.backup,
    keeping.verify,
    moving.move,
    moving.shard,
    health.health,
    notify.notify,
    watch.watch,
):
    cli.add_command(_command)
