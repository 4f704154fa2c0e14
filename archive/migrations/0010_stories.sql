-- Stories: articles of several outlets that are copies of one text. An article without a copy has no story.

CREATE TABLE stories (
    id INTEGER PRIMARY KEY,
    core_id INTEGER NOT NULL REFERENCES articles(id),           -- the member that the others are compared with
    title TEXT NOT NULL DEFAULT '',                             -- of the first member
    language TEXT NOT NULL DEFAULT '',
    first_article_id INTEGER NOT NULL REFERENCES articles(id),
    first_source_id INTEGER NOT NULL REFERENCES sources(id),    -- who published it first
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL,                                      -- when the latest copy was published
    members INTEGER NOT NULL,
    sources INTEGER NOT NULL,                                   -- outlets among them
    agency TEXT NOT NULL DEFAULT '',                            -- that most of its members credit
    origin TEXT NOT NULL DEFAULT '',                            -- who wrote it, as far as can be told
    origin_from TEXT NOT NULL DEFAULT '' CHECK (origin_from IN ('', 'source', 'agency', 'first')),
    confidence REAL NOT NULL DEFAULT 0                          -- in the origin, 0 to 1
);
CREATE INDEX stories_first ON stories (first_at);
CREATE INDEX stories_members ON stories (members);
CREATE INDEX stories_source ON stories (first_source_id, first_at);

CREATE TABLE story_members (
    article_id INTEGER PRIMARY KEY REFERENCES articles(id),
    story_id INTEGER NOT NULL REFERENCES stories(id),
    shared REAL NOT NULL,                       -- share of its text that stands in the core, 0 to 1
    of_core REAL NOT NULL,                      -- share of the core's text that it has, 0 to 1
    added INTEGER NOT NULL,                     -- words (characters of scripts without spaces) that the core lacks
    joined_at TEXT NOT NULL
);
CREATE INDEX story_members_story ON story_members (story_id);
CREATE INDEX articles_story ON articles (story_id) WHERE story_id IS NOT NULL;

CREATE TABLE story_aliases (
    id INTEGER PRIMARY KEY,                     -- of a story that turned out to be part of another
    story_id INTEGER NOT NULL REFERENCES stories(id)
);

-- The sample of the text by which copies of it are found: of articles without a story and of the cores of stories.
CREATE TABLE sketches (
    article_id INTEGER PRIMARY KEY REFERENCES articles(id),
    captured_on TEXT NOT NULL,                  -- day
    hashes BLOB NOT NULL                        -- archive.sketch.Sketch.packed
);
CREATE INDEX sketches_day ON sketches (captured_on);

CREATE TABLE sketch_index (
    hash INTEGER NOT NULL,
    article_id INTEGER NOT NULL,
    PRIMARY KEY (hash, article_id)
) WITHOUT ROWID;

-- For reading in tables.
CREATE INDEX stories_copied ON stories (sources, members);
CREATE VIEW story_copies AS
    SELECT m.story_id, a.id AS article_id, s.slug AS source, a.title, coalesce(a.published_at, a.first_seen_at) AS published_at,
           a.id = t.first_article_id AS first, a.id = t.core_id AS core, m.shared, m.of_core, m.added, a.agency, a.version,
           a.withdrawn_at, a.url
    FROM story_members m JOIN articles a ON a.id = m.article_id JOIN sources s ON s.id = a.source_id
    JOIN stories t ON t.id = m.story_id;
CREATE VIEW most_copied AS
    SELECT t.id AS story_id, t.title, t.sources, t.members, s.slug AS first_source, t.first_at, t.last_at, t.language,
           t.agency, t.origin, t.origin_from, t.confidence
    FROM stories t JOIN sources s ON s.id = t.first_source_id ORDER BY t.sources DESC, t.members DESC;
CREATE VIEW first_publishers AS
    SELECT s.slug AS source, s.name, count(*) AS stories_first, sum(t.sources - 1) AS copied_by_others, max(t.first_at) AS latest
    FROM stories t JOIN sources s ON s.id = t.first_source_id WHERE t.sources > 1 GROUP BY s.id ORDER BY stories_first DESC;

-- The stories of an existing archive are found when it is next opened for writing.
INSERT INTO jobs (name, started_at, position)
    SELECT 'stories', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 0 WHERE EXISTS (SELECT 1 FROM articles);
