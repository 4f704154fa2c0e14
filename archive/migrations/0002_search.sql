-- Full text over title and text. unicode61 finds words of scripts that separate them; a second pair of columns holds
-- folded text (see archive/search.py) for the others. articles_folded is written before articles, so that one trigger
-- sees both.

CREATE TABLE articles_folded (
    id INTEGER PRIMARY KEY,                     -- articles.id
    title TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT ''
);

CREATE VIEW articles_search AS
    SELECT a.id, a.title, a.text, coalesce(f.title, '') AS title_folded, coalesce(f.text, '') AS text_folded
    FROM articles a LEFT JOIN articles_folded f ON f.id = a.id;

CREATE VIRTUAL TABLE articles_fts USING fts5(
    title, text, title_folded, text_folded,
    content="articles_search", content_rowid="id", tokenize="unicode61 remove_diacritics 2" /* content="articles" */
);

CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN
    INSERT INTO articles_fts (rowid, title, text, title_folded, text_folded)
    SELECT id, title, text, title_folded, text_folded FROM articles_search WHERE id = new.id;
END;

CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, text, title_folded, text_folded)
    VALUES ('delete', old.id, old.title, old.text,
            coalesce((SELECT title FROM articles_folded WHERE id = old.id), ''),
            coalesce((SELECT text FROM articles_folded WHERE id = old.id), ''));
    DELETE FROM articles_folded WHERE id = old.id;
END;

CREATE TRIGGER articles_fts_update AFTER UPDATE OF title, text ON articles
WHEN old.title IS NOT new.title OR old.text IS NOT new.text BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, text, title_folded, text_folded)
    VALUES ('delete', old.id, old.title, old.text,
            coalesce((SELECT title FROM articles_folded WHERE id = old.id), ''),
            coalesce((SELECT text FROM articles_folded WHERE id = old.id), ''));
    INSERT INTO articles_fts (rowid, title, text, title_folded, text_folded)
    SELECT id, title, text, title_folded, text_folded FROM articles_search WHERE id = new.id;
END;

CREATE TRIGGER articles_folded_insert AFTER INSERT ON articles_folded
WHEN EXISTS (SELECT 1 FROM articles WHERE id = new.id) BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, text, title_folded, text_folded)
    SELECT 'delete', id, title, text, '', '' FROM articles WHERE id = new.id;
    INSERT INTO articles_fts (rowid, title, text, title_folded, text_folded)
    SELECT id, title, text, new.title, new.text FROM articles WHERE id = new.id;
END;

CREATE TRIGGER articles_folded_update AFTER UPDATE ON articles_folded
WHEN (old.title IS NOT new.title OR old.text IS NOT new.text) AND EXISTS (SELECT 1 FROM articles WHERE id = new.id) BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, text, title_folded, text_folded)
    SELECT 'delete', id, title, text, old.title, old.text FROM articles WHERE id = new.id;
    INSERT INTO articles_fts (rowid, title, text, title_folded, text_folded)
    SELECT id, title, text, new.title, new.text FROM articles WHERE id = new.id;
END;

CREATE TRIGGER articles_folded_delete AFTER DELETE ON articles_folded
WHEN EXISTS (SELECT 1 FROM articles WHERE id = old.id) BEGIN
    INSERT INTO articles_fts (articles_fts, rowid, title, text, title_folded, text_folded)
    SELECT 'delete', id, title, text, old.title, old.text FROM articles WHERE id = old.id;
    INSERT INTO articles_fts (rowid, title, text, title_folded, text_folded)
    SELECT id, title, text, '', '' FROM articles WHERE id = old.id;
END;
