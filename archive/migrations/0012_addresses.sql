-- Keys by which an article is recognised under another URL: of the variants of its page (mobile, AMP), and the number in
-- its path, which stays when the slug changes. And URLs that several articles claimed as their own.

CREATE TABLE article_keys (
    source_id INTEGER NOT NULL,                 -- sources.id; no references here: they would be looked up at each insert
    key TEXT NOT NULL,                          -- "variant:<host and path>" or "number:<number>"
    article_id INTEGER NOT NULL,                -- articles.id
    PRIMARY KEY (source_id, key, article_id)
) WITHOUT ROWID;

CREATE TABLE contested_urls (
    url TEXT PRIMARY KEY,                       -- that different articles called their canonical one
    reason TEXT NOT NULL
) WITHOUT ROWID;

-- The keys of an existing archive are written when it is next opened for writing.
INSERT INTO jobs (name, started_at, position)
    SELECT 'addresses', strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 0 WHERE EXISTS (SELECT 1 FROM articles);
