"""`scrapy discover URL`: a source file for a site, from what the site says of itself, and a preview of what it would bring."""

from __future__ import annotations

import argparse
import os
import shlex
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from scrapy.exceptions import UsageError

from crawler.catalog import SHIPPED, Catalog, parse_source
from crawler.discovery.draft import Draft, draft_of, slug_for
from crawler.discovery.findings import Survey
from crawler.discovery.whereabouts import Peer
from crawler.errors import CatalogError, SettingError
from crawler.oneshot import OneShot, progress, temporary_folder
from crawler.source import SLUG, Section, Source, check_url
from crawler.spiders.scout import ScoutSpider
from crawler.trial import Trial, try_source
from crawler.urls import canonical

SHOWN = 5  # articles of the preview
EXTRA = 3  # pages more than these that are asked for, as not every page is an article


class Command(OneShot):
    """Looks around a site and writes a source file.

    Exit status: 0 something was found, and the preview read articles; 1 nothing was found, or no article could be read;
    2 the command line, a setting or a file is wrong.
    """

    def syntax(self) -> str:
        """The arguments for `scrapy discover --help`."""
        return "[options] URL"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Find the feeds, sitemaps and sections of a site and write a source file"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of this command to Scrapy's."""
        super().add_options(parser)
        parser.add_argument("--output", "-o", metavar="FILE", help="where to write it (else the first of CATALOG_DIRS)")
        parser.add_argument("--force", action="store_true", help="overwrite the file")
        parser.add_argument("--no-preview", action="store_true", help="do not crawl a few articles with it")

    async def work(self, args: list[str], opts: argparse.Namespace) -> int:
        """Survey, write, preview."""
        if len(args) != 1:
            raise UsageError("name one home page, such as https://www.example.org/")
        home = _home(args[0])
        catalog, out = self.catalog(), Console(soft_wrap=True, highlight=False)
        self._most = self._requests()
        if (target := self._target(home, catalog, opts)) is not None:
            _check_place(target)
        with temporary_folder() as folder:
            survey = await self._survey(home, catalog, folder)
            if isinstance(survey, str):
                out.print(f"Nothing was found: {escape(survey)}")
                return 1
            draft, target = self._draft(survey, catalog, opts)
            if draft is None:
                out.print(_nothing(survey))
                return 1
            out.print(escape(draft.text), end="")
            if target is not None:
                _write(target, draft.text, opts.force)
                said = f"Written to {target}. Try it: {self._before(target)}scrapy check {draft.source.slug}"
                out.print(f"\n{escape(said)}")
            else:
                hint = "Not written: name a file with --output, or a folder for source files with CATALOG_DIRS."
                Console(stderr=True, soft_wrap=True, highlight=False).print(hint)
            if (owner := catalog.owner(survey.home)) is not None:
                out.print(f"The catalogue has a source of this site already: {owner.slug}")
            return 0 if opts.no_preview else await self._preview(draft, folder, out)

    async def _preview(self, draft: Draft, folder: Path, out: Console) -> int:
        """Crawl a few articles and print them; gives the exit status."""
        # articles of any age: of a site that sleeps, the newest are shown
        with progress(Console(stderr=True)) as tell, self.runtime(folder, draft.source, MAX_AGE_DAYS=0) as runtime:
            tell(f"{SHOWN} articles of {draft.source.name}")
            trial = await try_source(self.process, runtime, draft.source, SHOWN + EXTRA)
        return _show(trial, out)

    async def _survey(self, home: str, catalog: Catalog, folder: Path) -> Survey | str:
        """What was found, or why nothing was."""
        source = Source(
            slug="survey", name="survey", home=home, country="zz", language="und", timezone="UTC",
            sections=(Section(url=home),),
        )  # fmt: skip
        known = [*catalog.sources.values(), *Catalog.load([SHIPPED]).sources.values()]
        peers = [Peer(one.country, one.timezone, one.language) for one in known]
        with progress(Console(stderr=True)) as tell, self.runtime(folder, source) as runtime:
            crawler = self.process.create_crawler(ScoutSpider)
            await self.process.crawl(crawler, runtime=runtime, source=source, most=self._most, peers=peers, tell=tell)
            spider = crawler.spider
            assert isinstance(spider, ScoutSpider)
            return spider.found or spider.failed or "the survey was broken off"

    def _requests(self) -> int:
        assert self.settings is not None
        value = self.settings.get("DISCOVER_REQUESTS")
        if not str(value).strip().isdecimal() or int(value) < 1:
            raise SettingError(f"DISCOVER_REQUESTS is {value!r} and must be a whole number of at least 1")
        return int(value)

    def _folders(self) -> list[str]:
        assert self.settings is not None
        return [
            one.strip() for one in self.settings.get("CATALOG_DIRS", "").replace(":", ",").split(",") if one.strip()
        ]

    def _before(self, target: Path) -> str:
        """What a command needs before it so that it knows the file that was written."""
        known = [Path(one).expanduser().resolve() for one in self._folders()]
        place = target.resolve().parent
        if any(place.is_relative_to(one) for one in known):
            return ""
        return f"KIOSQUE_CATALOG_DIRS={shlex.quote(':'.join([*self._folders(), str(target.parent)]))} "

    def _draft(self, survey: Survey, catalog: Catalog, opts: argparse.Namespace) -> tuple[Draft | None, Path | None]:
        """The source file, and where it goes."""
        target = self._target(survey.home, catalog, opts, survey.language.value)
        slug = target.stem if target else slug_for(survey.home, catalog.sources, survey.language.value)
        draft = draft_of(survey, slug, survey.at)
        if draft is not None:
            parse_source(draft.text, slug)  # what was written loads, or the error says why not
        return draft, target

    def _target(self, home: str, catalog: Catalog, opts: argparse.Namespace, language: str = "") -> Path | None:
        """Where the file goes: None for nowhere. A file there for the same home page is the one. Raises CatalogError."""
        folder = next(iter(self._folders()), "")
        if not opts.output and not folder:
            return None
        if opts.output:
            target = Path(opts.output).expanduser()
            _check_name(target)
            if target.stem in catalog.sources and not target.exists():
                raise CatalogError(f"the catalogue has a source {target.stem} already: {target} needs another name")
        else:
            files = {slug: Path(folder).expanduser() / f"{slug}.toml" for slug in catalog.sources}
            same = (
                slug
                for slug, one in catalog.sources.items()
                if canonical(one.home) == canonical(home) and files[slug].exists()
            )
            target = Path(folder).expanduser() / f"{next(same, slug_for(home, catalog.sources, language))}.toml"
        if target.exists() and not opts.force:
            raise CatalogError(f"{target} is there already; --force overwrites it")
        return target


def _home(text: str) -> str:
    home = text if "://" in text else f"https://{text}"
    try:
        return canonical(check_url(home))
    except ValueError as error:
        raise UsageError(str(error)) from None


def _check_name(path: Path) -> None:
    if path.is_dir():
        raise UsageError(f"{path} is a folder: name a file, such as {path / 'paper.toml'}")
    if path.suffix != ".toml" or not SLUG.fullmatch(path.stem):
        raise UsageError(f"{path.name} is no name of a source file: those are a-z, 0-9, _ and -, and .toml")


def _check_place(path: Path) -> None:
    """Tell before a site is asked for anything that the file cannot be written."""
    there = next(parent for parent in path.absolute().parents if parent.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = "is not writable" if there.is_dir() else "is no folder"
        raise CatalogError(f"{path} cannot be written: {there} {why}")


def _write(path: Path, text: str, force: bool) -> None:
    """Write a file as a whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not force:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            return
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text, "utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise CatalogError(f"{path} cannot be written: {error.strerror}") from error


def _nothing(survey: Survey) -> str:
    said = f"Nothing was found on {survey.home} with {survey.requests} requests: no feed, no sitemap, no page that lists articles."
    if survey.trouble:
        said += f" {survey.trouble[0].upper()}{survey.trouble[1:]}."
    return escape(said)


def _show(trial: Trial, out: Console) -> int:
    """Print the articles of the preview; gives the exit status."""
    shown = trial.articles[:SHOWN]
    if shown:
        out.print(f"\nPreview: {len(shown)} of its newest articles")
        table = Table(box=None, pad_edge=False)
        for column in ("published", "words", "authors", "title"):
            table.add_column(column, justify="right" if column == "words" else "left", overflow="fold")
        for page in shown:
            authors, title = ", ".join(page.authors) or "-", page.title or "-"
            table.add_row(_time(page.published_at), str(page.words), escape(authors), escape(title))
        out.print(table)
    else:
        out.print("\nPreview: no article could be read with it.")
        for fault in trial.faults:
            out.print(f"  {escape(fault)}")
    for page in trial.pages:
        if page not in trial.articles:
            out.print(f"  {escape(page.url)}: {page.outcome}{': ' if page.detail else ''}{escape(page.detail)}")
    return 0 if shown else 1


def _time(published_at: str) -> str:
    return published_at[:16].replace("T", " ") or "-"
