-- Sources, the feeds, sitemaps and sections they are looked at through, and the pages these offered.

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    home TEXT NOT NULL,
    country TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    timezone TEXT NOT NULL DEFAULT 'UTC',
    added_at TEXT NOT NULL,
    in_catalog INTEGER NOT NULL DEFAULT 1       -- 0: no longer in the catalogue, or known only from an imported WARC file
);

CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id),
    parent_id INTEGER REFERENCES feeds(id),     -- the sitemap index that named this sitemap
    url TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('feed', 'sitemap', 'section')),
    name TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'failing', 'moved', 'gone', 'removed')),
    etag TEXT,
    last_modified TEXT,
    digest TEXT,                                -- of the last body, so that an unchanged one is not parsed again
    next_check_at TEXT,
    last_checked_at TEXT,
    last_success_at TEXT,
    last_new_at TEXT,                           -- when it last offered a URL that was not known
    failures INTEGER NOT NULL DEFAULT 0,        -- in a row
    http_status INTEGER,
    detail TEXT NOT NULL DEFAULT '',
    polling TEXT NOT NULL DEFAULT '{}',         -- state of the polling policy, JSON
    items INTEGER NOT NULL DEFAULT 0,           -- entries in the last listing
    new_items INTEGER NOT NULL DEFAULT 0,       -- of these, not known before
    UNIQUE (source_id, url)
);
CREATE INDEX feeds_due ON feeds (next_check_at) WHERE status IN ('active', 'failing');

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL,
    canonical_url TEXT NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources(id),
    story_id INTEGER,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '',
    section TEXT NOT NULL DEFAULT '',
    published_at TEXT,                          -- UTC, or YYYY-MM-DD when only the day is known
    published_raw TEXT NOT NULL DEFAULT '',
    published_day TEXT GENERATED ALWAYS AS (substr(coalesce(published_at, first_seen_at), 1, 10)) VIRTUAL,
    modified_at TEXT,
    authors TEXT NOT NULL DEFAULT '[]',
    editors TEXT NOT NULL DEFAULT '[]',
    agency TEXT NOT NULL DEFAULT '',
    dateline TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    image_url TEXT NOT NULL DEFAULT '',
    paywalled INTEGER NOT NULL DEFAULT 0,
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    withdrawn_at TEXT,                          -- when it was first found gone; the text stays
    version INTEGER NOT NULL DEFAULT 1,
    content_hash TEXT NOT NULL,                 -- of title and text, normalised
    text_hash TEXT NOT NULL,                    -- of the text alone, normalised: finds the same text under another URL
    word_count INTEGER NOT NULL DEFAULT 0,
    provenance TEXT NOT NULL DEFAULT '{}',
    extractor TEXT NOT NULL DEFAULT ''
);
CREATE INDEX articles_source ON articles (source_id, published_at);
CREATE INDEX articles_published ON articles (published_at);
CREATE INDEX articles_day ON articles (published_day);
CREATE INDEX articles_language ON articles (language);
CREATE INDEX articles_section ON articles (section);
CREATE INDEX articles_agency ON articles (agency);
CREATE INDEX articles_text ON articles (source_id, text_hash);

CREATE TABLE article_versions (
    article_id INTEGER NOT NULL REFERENCES articles(id),
    version INTEGER NOT NULL,
    captured_at TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    summary TEXT NOT NULL DEFAULT '',
    modified_at TEXT,
    content_hash TEXT NOT NULL,
    capture_id INTEGER REFERENCES captures(id),
    PRIMARY KEY (article_id, version)
) WITHOUT ROWID;

CREATE TABLE article_urls (
    url TEXT PRIMARY KEY,                       -- or, for a guid that is no URL, "guid:<source id>:<guid>"
    article_id INTEGER NOT NULL REFERENCES articles(id),
    kind TEXT NOT NULL CHECK (kind IN ('requested', 'final', 'canonical', 'amp', 'guid'))
) WITHOUT ROWID;
CREATE INDEX article_urls_article ON article_urls (article_id);

-- The queue and the record: every URL that was ever offered, once.
CREATE TABLE pages (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,                   -- canonical form
    source_id INTEGER NOT NULL REFERENCES sources(id),
    feed_id INTEGER REFERENCES feeds(id),
    discovered_at TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done')),
    outcome TEXT,                               -- one of archive.rows.Outcome; of a page fetched again, of the last time
    attempts INTEGER NOT NULL DEFAULT 0,        -- fetches since the page became pending
    visits INTEGER NOT NULL DEFAULT 0,          -- completed fetches of a page that holds an article
    next_attempt_at TEXT,                       -- pending: when it is tried (again); done: when it is looked at again
    priority TEXT NOT NULL DEFAULT '',          -- the newest time known for it: newest first
    http_status INTEGER,
    fetched_at TEXT,
    etag TEXT,
    last_modified TEXT,
    hint TEXT NOT NULL DEFAULT '{}',            -- what the feed said, JSON
    article_id INTEGER REFERENCES articles(id),
    detail TEXT NOT NULL DEFAULT '',
    CHECK ((state = 'done') = (outcome IS NOT NULL)),
    CHECK (state = 'done' OR next_attempt_at IS NOT NULL)
);
CREATE INDEX pages_queue ON pages (source_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX pages_outcome ON pages (outcome, source_id);
CREATE INDEX pages_article ON pages (article_id) WHERE article_id IS NOT NULL;

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    page_id INTEGER REFERENCES pages(id),
    feed_id INTEGER REFERENCES feeds(id),
    url TEXT NOT NULL,                          -- as fetched
    fetched_at TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    content_type TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '',            -- sha1:BASE32 of the payload, as in WARC-Payload-Digest
    record TEXT NOT NULL DEFAULT 'response' CHECK (record IN ('response', 'revisit')),
    warc_file TEXT NOT NULL,                    -- relative to the archive folder
    warc_offset INTEGER NOT NULL,
    warc_length INTEGER NOT NULL
);
CREATE INDEX captures_page ON captures (page_id, fetched_at);
CREATE INDEX captures_feed ON captures (feed_id, fetched_at) WHERE feed_id IS NOT NULL;
CREATE INDEX captures_url ON captures (url, fetched_at);
CREATE INDEX captures_warc ON captures (warc_file, warc_offset);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    reason TEXT NOT NULL DEFAULT '',            -- how it ended: finished, shutdown, ...; '' while it runs or when it was killed
    feeds INTEGER NOT NULL DEFAULT 0,           -- listings asked for
    feeds_failed INTEGER NOT NULL DEFAULT 0,
    discovered INTEGER NOT NULL DEFAULT 0,      -- URLs offered for the first time
    known INTEGER NOT NULL DEFAULT 0,           -- URLs offered again
    fetched INTEGER NOT NULL DEFAULT 0,
    stored INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    duplicate INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    outcomes TEXT NOT NULL DEFAULT '{}'         -- outcome -> number, JSON
);
CREATE INDEX runs_source ON runs (source_id, started_at);

-- What is known of a host, shared by all sources: politeness outlives a restart.
CREATE TABLE hosts (
    host TEXT PRIMARY KEY,                      -- authority, such as example.org or 127.0.0.1:8021
    robots TEXT,                                -- body of robots.txt; NULL: none to obey
    robots_status TEXT NOT NULL DEFAULT '',     -- allow, rules, disallow
    robots_fetched_at TEXT,
    not_before TEXT,                            -- asked to wait until then (Retry-After)
    detail TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
