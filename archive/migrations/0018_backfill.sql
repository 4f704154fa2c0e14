-- What was not found by looking at what a source publishes, but by going back in time: '' is a live look or an imported
-- record, 'backfill:sitemaps', 'backfill:feeds', 'backfill:wayback' and 'backfill:commoncrawl' are the ways back.

ALTER TABLE pages ADD COLUMN discovered_via TEXT NOT NULL DEFAULT '';
ALTER TABLE captures ADD COLUMN discovered_via TEXT NOT NULL DEFAULT '';  -- a copy that an archive made, at its time
ALTER TABLE articles ADD COLUMN discovered_via TEXT NOT NULL DEFAULT '';  -- how it was first found

-- Both answer questions about what comes in live from the index alone.
DROP INDEX articles_source;
CREATE INDEX articles_source ON articles (source_id, published_at, discovered_via);
DROP INDEX pages_ended;
CREATE INDEX pages_ended ON pages (source_id, outcome, fetched_at, discovered_via) WHERE fetched_at IS NOT NULL;

-- The days of a source count what came in live; of the rest only how much was published on a day.
ALTER TABLE source_days ADD COLUMN backfilled INTEGER NOT NULL DEFAULT 0;

DROP VIEW article_fields;
CREATE VIEW article_fields AS
    SELECT id, source_id, substr(coalesce(published_at, first_seen_at), 1, 10) AS day, substr(first_seen_at, 1, 10) AS seen,
           title != '' AS title, text != '' AS text, summary != '' AS summary, language != '' AS language,
           section != '' AS section, coalesce(published_at, '') != '' AS published,
           coalesce(length(published_at), 0) > 10 AS minute, coalesce(modified_at, '') != '' AS modified,
           authors != '[]' AS authors, editors != '[]' AS editors, agency != '' AS agency, tags != '[]' AS tags,
           image_url != '' AS image, discovered_via != '' AS backfilled
    FROM articles;

CREATE TRIGGER article_fields_count INSTEAD OF INSERT ON article_fields WHEN NOT new.backfilled BEGIN
    INSERT INTO source_days (source_id, day, articles) VALUES (new.source_id, new.day, 1)
    ON CONFLICT DO UPDATE SET articles = articles + 1;
    INSERT INTO source_days (source_id, day, stored, title, text, summary, language, section, published, minute, modified,
                             authors, editors, agency, tags, image)
    VALUES (new.source_id, new.seen, 1, new.title, new.text, new.summary, new.language, new.section, new.published,
            new.minute, new.modified, new.authors, new.editors, new.agency, new.tags, new.image)
    ON CONFLICT DO UPDATE SET stored = stored + 1, title = title + new.title, text = text + new.text,
        summary = summary + new.summary, language = language + new.language, section = section + new.section,
        published = published + new.published, minute = minute + new.minute, modified = modified + new.modified,
        authors = authors + new.authors, editors = editors + new.editors, agency = agency + new.agency,
        tags = tags + new.tags, image = image + new.image;
END;
CREATE TRIGGER article_fields_uncount INSTEAD OF DELETE ON article_fields WHEN NOT old.backfilled BEGIN
    UPDATE source_days SET articles = articles - 1 WHERE source_id = old.source_id AND day = old.day;
    UPDATE source_days SET stored = stored - 1, title = title - old.title, text = text - old.text,
        summary = summary - old.summary, language = language - old.language, section = section - old.section,
        published = published - old.published, minute = minute - old.minute, modified = modified - old.modified,
        authors = authors - old.authors, editors = editors - old.editors, agency = agency - old.agency,
        tags = tags - old.tags, image = image - old.image
    WHERE source_id = old.source_id AND day = old.seen;
END;
CREATE TRIGGER article_fields_count_backfilled INSTEAD OF INSERT ON article_fields WHEN new.backfilled BEGIN
    INSERT INTO source_days (source_id, day, backfilled) VALUES (new.source_id, new.day, 1)
    ON CONFLICT DO UPDATE SET backfilled = backfilled + 1;
END;
CREATE TRIGGER article_fields_uncount_backfilled INSTEAD OF DELETE ON article_fields WHEN old.backfilled BEGIN
    UPDATE source_days SET backfilled = backfilled - 1 WHERE source_id = old.source_id AND day = old.day;
END;

-- Where to look for what a source published: sitemaps, pages of feeds, and months or indexes of archives.
CREATE TABLE backfill_places (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id),
    via TEXT NOT NULL,                          -- sitemaps, feeds, wayback, commoncrawl
    url TEXT NOT NULL,                          -- of a listing, or a name for a month or an index of an archive
    root TEXT NOT NULL DEFAULT '',              -- the place of the source file or the archive that led to it
    oldest TEXT,                                -- day from which on it may hold something; NULL: it does not say
    newest TEXT,                                -- the last such day
    position TEXT NOT NULL DEFAULT '',          -- how far an index of an archive was read
    done INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,        -- failures in a row
    read_at TEXT,
    detail TEXT NOT NULL DEFAULT '',
    UNIQUE (source_id, via, url)
);

-- What was found there and not yet fetched.
CREATE TABLE backfill_candidates (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id),
    via TEXT NOT NULL,
    url TEXT NOT NULL,                          -- canonical form
    moment TEXT NOT NULL DEFAULT '',            -- time of the archive's capture, or the newest time known
    hint TEXT NOT NULL DEFAULT '{}',            -- what the listing said, or where an archive holds the copy, JSON
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT,                       -- NULL: at once
    UNIQUE (source_id, url, moment)
);
CREATE INDEX backfill_candidates_newest ON backfill_candidates (source_id, via, moment);

-- What going back cost on each day (UTC), for the budget of a day.
CREATE TABLE backfill_days (
    source_id INTEGER NOT NULL REFERENCES sources(id),
    day TEXT NOT NULL,
    pages INTEGER NOT NULL DEFAULT 0,
    requests INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source_id, day)
) WITHOUT ROWID;
