-- What a source is expected to yield, and what it did yield day by day: health and the pages of sources are read from
-- this, so that none of them has to go through articles and pages.

ALTER TABLE sources ADD COLUMN expect TEXT NOT NULL DEFAULT '{}';   -- [expect] of the source file, JSON

CREATE TABLE source_days (
    source_id INTEGER NOT NULL,                 -- sources.id; no references here: they would be looked up at each insert
    day TEXT NOT NULL,                          -- UTC
    looks INTEGER NOT NULL DEFAULT 0,           -- visits to its feeds, sitemaps and sections that succeeded on that day; 0: a gap
    articles INTEGER NOT NULL DEFAULT 0,        -- published on that day, as articles.published_day has it
    stored INTEGER NOT NULL DEFAULT 0,          -- first seen on that day; the following count those of them that have the field
    title INTEGER NOT NULL DEFAULT 0,
    text INTEGER NOT NULL DEFAULT 0,
    summary INTEGER NOT NULL DEFAULT 0,
    language INTEGER NOT NULL DEFAULT 0,
    section INTEGER NOT NULL DEFAULT 0,
    published INTEGER NOT NULL DEFAULT 0,
    minute INTEGER NOT NULL DEFAULT 0,          -- a time of publication, not only a day
    modified INTEGER NOT NULL DEFAULT 0,
    authors INTEGER NOT NULL DEFAULT 0,
    editors INTEGER NOT NULL DEFAULT 0,
    agency INTEGER NOT NULL DEFAULT 0,
    tags INTEGER NOT NULL DEFAULT 0,
    image INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (source_id, day)
) WITHOUT ROWID;

-- An article in the numbers of these triggers: 1 for each field that it has.
CREATE VIEW article_fields AS
    SELECT id, source_id, substr(coalesce(published_at, first_seen_at), 1, 10) AS day, substr(first_seen_at, 1, 10) AS seen,
           title != '' AS title, text != '' AS text, summary != '' AS summary, language != '' AS language,
           section != '' AS section, coalesce(published_at, '') != '' AS published,
           coalesce(length(published_at), 0) > 10 AS minute, coalesce(modified_at, '') != '' AS modified,
           authors != '[]' AS authors, editors != '[]' AS editors, agency != '' AS agency, tags != '[]' AS tags,
           image_url != '' AS image
    FROM articles;

-- To insert a row of the view counts an article, to delete it takes it back.
CREATE TRIGGER article_fields_count INSTEAD OF INSERT ON article_fields BEGIN
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
CREATE TRIGGER article_fields_uncount INSTEAD OF DELETE ON article_fields BEGIN
    UPDATE source_days SET articles = articles - 1 WHERE source_id = old.source_id AND day = old.day;
    UPDATE source_days SET stored = stored - 1, title = title - old.title, text = text - old.text,
        summary = summary - old.summary, language = language - old.language, section = section - old.section,
        published = published - old.published, minute = minute - old.minute, modified = modified - old.modified,
        authors = authors - old.authors, editors = editors - old.editors, agency = agency - old.agency,
        tags = tags - old.tags, image = image - old.image
    WHERE source_id = old.source_id AND day = old.seen;
END;
CREATE TRIGGER source_days_insert AFTER INSERT ON articles BEGIN
    INSERT INTO article_fields SELECT * FROM article_fields WHERE id = new.id;
END;
CREATE TRIGGER source_days_before_update
BEFORE UPDATE OF source_id, published_at, first_seen_at, title, text, summary, language, section, modified_at, authors,
    editors, agency, tags, image_url ON articles BEGIN
    DELETE FROM article_fields WHERE id = old.id;
END;
CREATE TRIGGER source_days_after_update
AFTER UPDATE OF source_id, published_at, first_seen_at, title, text, summary, language, section, modified_at, authors,
    editors, agency, tags, image_url ON articles BEGIN
    INSERT INTO article_fields SELECT * FROM article_fields WHERE id = new.id;
END;
CREATE TRIGGER source_days_delete BEFORE DELETE ON articles BEGIN
    DELETE FROM article_fields WHERE id = old.id;
END;
CREATE TRIGGER source_days_look AFTER UPDATE OF last_success_at ON feeds
WHEN new.last_success_at > coalesce(old.last_success_at, '') BEGIN
    INSERT INTO source_days (source_id, day, looks) VALUES (new.source_id, substr(new.last_success_at, 1, 10), 1)
    ON CONFLICT DO UPDATE SET looks = looks + 1;
END;

-- What an existing archive holds.
INSERT INTO article_fields SELECT * FROM article_fields;
INSERT INTO source_days (source_id, day, looks)
    SELECT source_id, substr(started_at, 1, 10), sum(feeds - feeds_failed) FROM runs WHERE feeds > feeds_failed GROUP BY 1, 2
    ON CONFLICT DO UPDATE SET looks = excluded.looks;
INSERT INTO source_days (source_id, day, looks)
    SELECT DISTINCT source_id, substr(last_success_at, 1, 10), 1 FROM feeds WHERE last_success_at IS NOT NULL
    ON CONFLICT DO UPDATE SET looks = max(looks, 1);

CREATE INDEX pages_ended ON pages (source_id, outcome, fetched_at) WHERE fetched_at IS NOT NULL;  -- outcomes of late
CREATE INDEX pages_pending ON pages (state, next_attempt_at, attempts) WHERE state = 'pending';   -- the queue as a whole
CREATE INDEX runs_open ON runs (started_at) WHERE finished_at IS NULL;                            -- broken off, or under way
