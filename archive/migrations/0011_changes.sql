-- What changed from one version of an article to the next, and when an article went back to an earlier one. Both follow
-- from versions and sightings alone.

ALTER TABLE article_versions ADD COLUMN summary_by TEXT NOT NULL DEFAULT '';  -- where the summary comes from; '': unknown

-- When a version was seen, apart from the first time, which is article_versions.captured_at.
CREATE TABLE sightings (
    article_id INTEGER NOT NULL REFERENCES articles(id),
    seen_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (article_id, seen_at)
) WITHOUT ROWID;

CREATE TABLE changes (
    article_id INTEGER NOT NULL REFERENCES articles(id),
    from_version INTEGER NOT NULL,
    to_version INTEGER NOT NULL,
    changed_at TEXT NOT NULL,                   -- when the later version was first captured
    source_id INTEGER NOT NULL REFERENCES sources(id),
    kind TEXT NOT NULL CHECK (kind IN ('headline', 'correction', 'addition', 'deletion', 'rewrite', 'trivial')),
    words_added INTEGER NOT NULL,
    words_removed INTEGER NOT NULL,
    paragraphs_added INTEGER NOT NULL,
    paragraphs_removed INTEGER NOT NULL,
    title_changed INTEGER NOT NULL,
    lead_changed INTEGER NOT NULL,
    silent INTEGER NOT NULL,                    -- neither a notice nor a new time of modification
    notice TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (article_id, to_version)
) WITHOUT ROWID;
CREATE INDEX changes_time ON changes (changed_at);
CREATE INDEX changes_kind ON changes (kind, changed_at);
CREATE INDEX changes_source ON changes (source_id, changed_at);
CREATE INDEX changes_silent ON changes (silent, changed_at);

CREATE TABLE returns (
    article_id INTEGER NOT NULL REFERENCES articles(id),
    returned_at TEXT NOT NULL,
    version INTEGER NOT NULL,                   -- that is shown again
    instead_of INTEGER NOT NULL,
    PRIMARY KEY (article_id, returned_at)
) WITHOUT ROWID;

-- The changes of an existing archive are worked out when it is next opened for writing.
INSERT INTO jobs (name, started_at, position)
    SELECT 'changes', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 0 WHERE EXISTS (SELECT 1 FROM article_versions WHERE version > 1);
