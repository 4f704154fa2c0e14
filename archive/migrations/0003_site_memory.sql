-- What the extraction learned of a source's pages: which lines and places recur over its articles.

CREATE TABLE site_memory (
    source_id INTEGER PRIMARY KEY REFERENCES sources(id),
    updated_at TEXT NOT NULL,
    pages REAL NOT NULL,                        -- articles it was learned from, the older ones counting less
    state TEXT NOT NULL                         -- crawler.extraction.memory.Memory, JSON
);
