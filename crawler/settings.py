"""Settings that differ from Scrapy's defaults, and Kiosque's own, each with its reason.

An operator turns the ones in OPERATOR by an environment variable of the same name with KIOSQUE_ before it, by
`-s NAME=VALUE` on a Scrapy command line, or here.
"""

import os

BOT_NAME = "kiosque"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
COMMANDS_MODULE = "crawler.commands"
SPIDER_LOADER_CLASS = "crawler.spider_loader.CatalogSpiderLoader"

# -- what an operator turns ----------------------------------------------------------------------------------------------

ARCHIVE_DIR = "data"  # the archive: archive.db and raw/
ARCHIVE_URL = ""  # an archive on PostgreSQL instead: postgresql://user@host/database
ARCHIVE_RAW = ""  # the folder that holds raw/ then, seen by every machine that writes or reads raw pages
SOURCES = ""  # which sources: slugs, globs, country:fr, language:ar, several with commas; empty: all
CATALOG_DIRS = ""  # folders of source files of the user's own, separated by commas or colons
CATALOG_ONLY = False  # use only those folders, not the shipped catalogue
NET_ALLOW = ""  # private networks that may be crawled, such as 127.0.0.0/8, separated by commas
MAX_AGE_DAYS = 30  # older entries of feeds and sitemaps are skipped_old; 0 = no limit
CONTACT = ""  # an address or URL at which site owners reach you; part of the User-Agent
DOWNLOAD_DELAY = 1.0  # seconds between the end of one request to a host and the start of the next
CRAWLS_AT_ONCE = 16  # sources crawled side by side by the scheduler; each waits for the network most of the time
POLLS_PER_DAY = 0  # looks at feeds, sitemaps and sections, all together; 0: 24 for each whose source file does not say when
REVISIT_AFTER = "15m,1h,4h,1d,3d,7d,30d"  # an article is looked at again after these times; empty: never
EXTRACT_WORKERS = 0  # processes that extract; 0: as many as cores, at most two in a crawl and four in import and reextract
LOG_LEVEL = "INFO"
NOTIFY = ""  # where incidents, watches and the digest are told: addresses as apprise writes them, with commas or spaces
DIGEST_AT = ""  # time of day (UTC) of a daily digest, such as 07:30; empty: none
WATCH_INTERVAL = 900.0  # seconds between two looks of a watch, and so between two messages of it
BASE_URL = ""  # under which `serve` is reached, for links in messages, such as https://news.example.org
METRICS_PORT = 0  # of the scheduler, for Prometheus; 0: none
METRICS_HOST = "127.0.0.1"  # whoever reaches it reads how much is crawled, and from where
BACKFILL_PAGES = 1000  # that `scrapy backfill` fetches in one run, without --limit
BACKFILL_PAGES_PER_DAY = 5000  # of one source, over all runs of a day (UTC); 0: no limit
BACKFILL_REQUESTS = 5000  # of one run, for pages, listings and indexes alike; 0: no limit
BACKFILL_BYTES = 2 * 1024**3  # of one run, in bodies as they came; 0: no limit
WAYBACK_URL = "https://web.archive.org"  # or a server that speaks its CDX and replay protocols: /cdx/search/cdx and /web/
COMMONCRAWL_INDEX = "https://index.commoncrawl.org"  # or a mirror: /collinfo.json, and the indexes that it names
COMMONCRAWL_DATA = "https://data.commoncrawl.org"  # or a mirror of the WARC files, which are asked for by range
ARCHIVE_DELAY = 1.5  # seconds between two requests to an archive's server; what Retry-After asks for is waited beside it
ARCHIVE_WAIT = 120.0  # seconds that a run waits for an archive that asked for a rest; after longer ones another run goes on

OPERATOR = (
    "ARCHIVE_DIR",
    "ARCHIVE_URL",
    "ARCHIVE_RAW",
    "SOURCES",
    "CATALOG_DIRS",
    "CATALOG_ONLY",
    "NET_ALLOW",
    "MAX_AGE_DAYS",
    "CONTACT",
    "DOWNLOAD_DELAY",
    "DOWNLOAD_TIMEOUT",
    "HEADERS_TIMEOUT",
    "DOWNLOAD_MAXSIZE",
    "LISTING_MAXSIZE",
    "HOST_BUDGET",
    "RUN_TIME",
    "LONGEST_CRAWL_DELAY",
    "ROBOTS_UNREACHABLE_FOR",
    "RETRY_AFTER_FAILURE",
    "CRAWLS_AT_ONCE",
    "POLLS_PER_DAY",
    "REVISIT_AFTER",
    "MEMORY",
    "EXTRACT_WORKERS",
    "EXTRACT_TIMEOUT",
    "HANGS_PER_RUN",
    "EXTRACT_MEMORY",
    "LOCK_WAIT",
    "BUSY_TIMEOUT",
    "LOG_LEVEL",
    "NOTIFY",
    "DIGEST_AT",
    "WATCH_INTERVAL",
    "BASE_URL",
    "METRICS_PORT",
    "METRICS_HOST",
    "BACKFILL_PAGES",
    "BACKFILL_PAGES_PER_DAY",
    "BACKFILL_REQUESTS",
    "BACKFILL_BYTES",
    "WAYBACK_URL",
    "COMMONCRAWL_INDEX",
    "COMMONCRAWL_DATA",
    "ARCHIVE_DELAY",
    "ARCHIVE_WAIT",
)

# -- politeness --------------------------------------------------------------------------------------------------------------

DELAY_JITTER = 0.3  # a delay is drawn from delay to delay * (1 + jitter), so that requests fall into no rhythm
LONGEST_CRAWL_DELAY = 30.0  # seconds, as other crawlers hold it; a Crawl-delay far beyond would stop a crawl for good
LONGEST_RETRY_AFTER = 86_400.0  # seconds; a server that asks for more is asked again after a day
HOST_BUDGET = 10_000  # requests to one host (name and port) on one day, UTC, for whatever they ask; 0 = no limit.
# A site of 1,000 articles a day, each looked at seven times again, needs 8,000
ROBOTS_MAX_AGE = 86_400.0  # seconds; RFC 9309, section 2.4: no longer than 24 hours
ROBOTS_UNREACHABLE_FOR = 1800.0  # seconds; a robots.txt that could not be had is asked for again after these
# Scrapy's own slots know one crawl only; crawler.fetch.politeness spaces the requests of all crawls of the process, so
# that every request of ours goes through one slot that does not wait
DOWNLOAD_SLOTS = {"politeness": {"concurrency": 16, "delay": 0, "jitter": 0}}

# -- bounds ------------------------------------------------------------------------------------------------------------------

DOWNLOAD_TIMEOUT = 45.0  # seconds for one request as a whole; Scrapy's 180 let one dripping server hold a crawl for minutes
UNACKED_TIMEOUT = 0.0  # seconds after which the kernel gives up a request that no host acknowledges; workers set it: on its
# way for longer, it could arrive when another worker has the host
HEADERS_TIMEOUT = 30.0  # seconds until the headers of an answer are there; the slowest databases take twenty
HEADERS_MAXSIZE = 128 * 1024  # bytes of headers, with those of interim answers; browsers stop at 256 KB
HEADERS_MAX = 500  # lines of them; news sites send forty
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024  # bytes of a page, packed or not; live blogs have three MB, Scrapy's 1 GiB lets bombs in
DOWNLOAD_WARNSIZE = 0
LISTING_MAXSIZE = 20 * 1024 * 1024  # bytes of a feed, sitemap or section page: 100,000 entries; what follows is left out
# bytes of bodies in memory, over all crawls, with which nothing new is asked for; at twice as many, large ones are broken
# off. Each costs up to thrice its size on its way to a worker
BODIES_MAX = 40 * 1024**2
BODY_LARGE = 2 * 1024**2  # bytes of a body that may always come
ROBOTS_MAXSIZE = 512 * 1024  # bytes of a robots.txt that are taken; RFC 9309, section 2.5, asks for 500 KiB at least
DECOMPRESSION_RATIO = 300  # times that a page may grow, beyond 1 MB; real ones grow a hundred times, bombs a thousand
ENCODINGS_MAX = 3  # content encodings of one body, one inside another
IN_HAND = 8  # pages of one source that are claimed and not yet settled: what a kill can make us fetch twice
PAGES_PER_RUN = 2000  # of one source; the rest stays pending for the next run
RUN_TIME = 3600.0  # seconds after which a run of one source takes up no more pages: a host that wants half a minute
# between requests must not hold up `--once` for a day
PAGES_PER_FORM = 1000  # of these, for addresses of one form (numbers and slugs aside) while others wait: an endless list
# may not keep the news waiting
FORM_TRIAL = 50  # addresses of one form that are tried before it is given up, if one in as many gave an article at most
SAME_BODY = 3  # addresses that one body may answer in a run; the next ones are refused: a site with one page for everything
PUT_OFF = 3600.0  # seconds that the rest of a form with its share of a run waits, and what else is put off
REDIRECTS_MAX = 10  # hops for a page
PARTS_MAX = 20  # pages of one article; a longer pager is that of an archive, or has no end
DISCOVER_REQUESTS = 60  # with which `scrapy discover` looks around a site: a minute or two; those for robots.txt not counted
SITEMAPS_PER_RUN = 20  # sitemaps that are read of one index, newest first
STALL_TIMEOUT = 900.0  # seconds without any progress after which a crawl gives up; longer than any wait we ask for
EXTRACT_TIMEOUT = 15.0  # seconds for one page; the slowest real page measured takes under one
HANGS_PER_RUN = 3  # pages of one source that hang or kill a worker until its others are put off; one more for ten that went well
MEMORY = 960 * 1024**2  # bytes that all processes of a crawl may take together; workers and what their pages may take follow
# bytes that one page may take in a worker, if MEMORY allows it: the largest of 125 real pages (2.2 MB) takes 17 MiB, one
# of 16 MB or a feed of 100,000 entries 130
EXTRACT_MEMORY = 240 * 1024**2
RETRY_AFTER_FAILURE = "1m,10m,1h,6h,1d"  # a page that could not be reached is tried again after these times

# -- the archive ---------------------------------------------------------------------------------------------------------------

COMMIT_INTERVAL = 0.2  # seconds; results are committed together, at most this late
COMMIT_BATCH = 50  # results in one transaction
LOCK_WAIT = 10.0  # seconds to wait for another process that writes to the archive
BUSY_TIMEOUT = 20.0  # seconds to wait for a program of another maker that keeps archive.db locked; a crawl stands still

# -- Scrapy ------------------------------------------------------------------------------------------------------------------

TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
TWISTED_DNS_RESOLVER = "crawler.fetch.netguard.GuardedResolver"
DOWNLOAD_VERIFY_CERTIFICATES = True  # Scrapy's default is False
# Of Scrapy's own list without those that open a port (telnet, remote control: also half a second to load, used or not),
# and without those that have nothing to do here
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
}
COOKIES_ENABLED = False  # news pages need none, and a session that follows us would change them
REDIRECT_ENABLED = False  # the spider follows redirects, so that every hop is checked, captured and has an outcome
METAREFRESH_ENABLED = False
RETRY_ENABLED = False  # the ledger tries again, later and across restarts
ROBOTSTXT_OBEY = False  # crawler.fetch.robots obeys, by RFC 9309
HTTPERROR_ALLOW_ALL = True  # every status is an outcome
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the ledger offers every URL once
REFERER_ENABLED = False
STATS_DUMP = False
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LOG_DATEFORMAT = "%Y-%m-%dT%H:%M:%S"
DOWNLOAD_HANDLERS = {
    "http": "crawler.fetch.handler.PoliteHandler",
    "https": "crawler.fetch.handler.PoliteHandler",
    "file": None,  # nothing but http and https is ever fetched
    "data": None,
    "ftp": None,
    "s3": None,
}
SPIDER_MIDDLEWARES = {"scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None}  # loses URLs; crawler.traps decides
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # loses URLs; the spider decides, with an outcome
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # drops listings that are too long
    "crawler.fetch.bodies.BodyMiddleware": 590,  # in its place
    "crawler.fetch.robots.RobotsMiddleware": 100,
}
ITEM_PIPELINES = {"crawler.pipelines.ArchivePipeline": 300}
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
}

for _name in OPERATOR:
    if (_value := os.environ.get(f"KIOSQUE_{_name}")) is not None:
        globals()[_name] = _value
del _name, _value
