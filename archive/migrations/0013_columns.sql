-- What search narrows by and counts, apart from the texts: read whole by archive/columns.py, kept up by the journal.

CREATE INDEX articles_columns ON articles (source_id, language, section, agency, story_id, published_at, first_seen_at);

CREATE TABLE article_authors (
    name TEXT NOT NULL,                         -- as in articles.authors
    article_id INTEGER NOT NULL,                -- articles.id; no references here: they would be looked up at each insert
    PRIMARY KEY (name, article_id)
) WITHOUT ROWID;

INSERT OR IGNORE INTO article_authors (name, article_id)
    SELECT j.value, a.id FROM articles a, json_each(CASE WHEN json_valid(a.authors) THEN a.authors ELSE '[]' END) j
    WHERE a.authors != '[]';

-- An array that is damaged has no names; `verify` finds it.
CREATE TRIGGER article_authors_insert AFTER INSERT ON articles WHEN new.authors != '[]' BEGIN
    INSERT OR IGNORE INTO article_authors (name, article_id) SELECT value, new.id FROM json_each(CASE WHEN json_valid(new.authors) THEN new.authors ELSE '[]' END);
END;
CREATE TRIGGER article_authors_update AFTER UPDATE OF authors ON articles WHEN old.authors IS NOT new.authors BEGIN
    DELETE FROM article_authors WHERE article_id = old.id AND name IN (SELECT value FROM json_each(CASE WHEN json_valid(old.authors) THEN old.authors ELSE '[]' END));
    INSERT OR IGNORE INTO article_authors (name, article_id) SELECT value, new.id FROM json_each(CASE WHEN json_valid(new.authors) THEN new.authors ELSE '[]' END);
END;
CREATE TRIGGER article_authors_delete AFTER DELETE ON articles WHEN old.authors != '[]' BEGIN
    DELETE FROM article_authors WHERE article_id = old.id AND name IN (SELECT value FROM json_each(CASE WHEN json_valid(old.authors) THEN old.authors ELSE '[]' END));
END;

-- Which articles came, went or changed in a column of that index, in order. Whoever holds the columns in memory reads
-- what was added; the latest 200,000 entries are kept, and who is further behind reads everything again.
CREATE TABLE article_journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id INTEGER NOT NULL
);
CREATE TRIGGER article_journal_trim AFTER INSERT ON article_journal WHEN new.id > 200000 BEGIN
    DELETE FROM article_journal WHERE id = new.id - 200000;
END;
CREATE TRIGGER article_journal_insert AFTER INSERT ON articles BEGIN
    INSERT INTO article_journal (article_id) VALUES (new.id);
END;
CREATE TRIGGER article_journal_delete AFTER DELETE ON articles BEGIN
    INSERT INTO article_journal (article_id) VALUES (old.id);
END;
CREATE TRIGGER article_journal_update
AFTER UPDATE OF source_id, language, section, agency, story_id, published_at, first_seen_at ON articles
WHEN old.source_id IS NOT new.source_id OR old.language IS NOT new.language OR old.section IS NOT new.section
    OR old.agency IS NOT new.agency OR old.story_id IS NOT new.story_id OR old.published_at IS NOT new.published_at
    OR old.first_seen_at IS NOT new.first_seen_at BEGIN
    INSERT INTO article_journal (article_id) VALUES (new.id);
END;
