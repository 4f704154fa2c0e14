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
