"""One spider per source of the catalogue; a hand-written spider class of the same name wins."""

from __future__ import annotations

from scrapy import Request, Spider
from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings
from scrapy.spiderloader import SpiderLoader

from crawler.catalog import Catalog, CatalogError
from crawler.runtime import load_catalog
from crawler.source import Source


class CatalogSpiderLoader(SpiderLoader):
    """Scrapy's loader for the classes in crawler/spiders, and the catalogue for all other names."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self.catalog: Catalog = load_catalog(settings)
        self._what: str = settings.get("SOURCES", "")

    def load(self, spider_name: str) -> type[Spider]:
        """The spider class of a name. Raises KeyError."""
        if spider_name in self._spiders:
            spider = self._spiders[spider_name]
            source = self.catalog.sources.get(spider_name)
            return spider if source is None else _bound(spider, source)
        if (source := self.catalog.sources.get(spider_name)) is None:
            raise KeyError(f"Spider not found: {spider_name}")
        from crawler.spiders.news import NewsSpider

        return _bound(NewsSpider, source)

    def list(self) -> list[str]:
        """The spider names that SOURCES chooses, in order. Raises UsageError when it chooses none."""
        try:
            chosen = [source.slug for source in self.catalog.select(self._what)]
        except CatalogError as error:
            raise UsageError(f"SOURCES: {error}", print_help=False) from error
        return sorted({*self._spiders, *chosen})

    def find_by_request(self, request: Request) -> list[str]:  # type: ignore[valid-type]
        """Names of the spiders that can handle a request: the source that owns its URL."""
        owner = self.catalog.owner(request.url)
        return [owner.slug] if owner else []


def _bound(spider: type[Spider], source: Source) -> type[Spider]:
    """A subclass that carries its source, so that Scrapy can make it without arguments."""
    return type(spider.__name__, (spider,), {"name": source.slug, "source": source, "__module__": spider.__module__})
