-- Full text. The tokens of an article are those that SQLite's unicode61 finds in the columns of the view articles_search;
-- archive/postgres/index.py makes them and writes them down before the transaction that changed the article is committed.
-- A token stands between two spaces of its own, so that ' north  korea ' is a phrase and ' nor' the beginning of a word.

CREATE TABLE articles_fts (
    id bigint PRIMARY KEY REFERENCES articles(id) ON DELETE CASCADE DEFERRABLE,
    title text COLLATE "C" NOT NULL,
    text text COLLATE "C" NOT NULL,
    title_folded text COLLATE "C" NOT NULL,
    text_folded text COLLATE "C" NOT NULL,
    size bigint NOT NULL,                       -- tokens in all four
    words tsvector NOT NULL,                    -- each token once, without its places
    cut boolean NOT NULL                        -- there are more than a tsvector takes, 1 MB; '*' is among `words` then
);
CREATE INDEX articles_fts_words ON articles_fts USING gin (words) WITH (fastupdate = off);

CREATE TABLE articles_fts_totals (
    one boolean PRIMARY KEY CHECK (one),
    articles bigint NOT NULL,
    tokens bigint NOT NULL
);
INSERT INTO articles_fts_totals VALUES (true, 0, 0);

CREATE FUNCTION articles_fts_totalled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE articles_fts_totals SET articles = articles + 1, tokens = tokens + new.size;
    ELSIF TG_OP = 'UPDATE' THEN
        UPDATE articles_fts_totals SET tokens = tokens + new.size - old.size;
    ELSE
        UPDATE articles_fts_totals SET articles = articles - 1, tokens = tokens - old.size;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER articles_fts_totalled AFTER INSERT OR UPDATE OR DELETE ON articles_fts FOR EACH ROW
    EXECUTE FUNCTION articles_fts_totalled();

-- Articles whose tokens are to be written down (again).
CREATE TABLE articles_unindexed (
    id bigint PRIMARY KEY
);
CREATE FUNCTION articles_fts_stale() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO articles_unindexed VALUES (CASE TG_OP WHEN 'DELETE' THEN old.id ELSE new.id END) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION articles_fts_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM articles_folded WHERE id = old.id;
    RETURN NULL;
END $$;
CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles FOR EACH ROW EXECUTE FUNCTION articles_fts_stale();
CREATE TRIGGER articles_fts_update AFTER UPDATE OF title, text ON articles FOR EACH ROW
    WHEN (old.title IS DISTINCT FROM new.title OR old.text IS DISTINCT FROM new.text) EXECUTE FUNCTION articles_fts_stale();
CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles FOR EACH ROW EXECUTE FUNCTION articles_fts_gone();
CREATE TRIGGER articles_folded_change AFTER UPDATE ON articles_folded FOR EACH ROW
    WHEN (old.title IS DISTINCT FROM new.title OR old.text IS DISTINCT FROM new.text) EXECUTE FUNCTION articles_fts_stale();
CREATE TRIGGER articles_folded_row AFTER INSERT OR DELETE ON articles_folded FOR EACH ROW EXECUTE FUNCTION articles_fts_stale();

-- How often a phrase stands among tokens.
CREATE FUNCTION articles_fts_count(tokens text, phrase text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT (length(tokens) - length(replace(tokens, phrase, '')))::double precision / length(phrase) $$;

-- What a phrase adds to the rank of an article: bm25 as FTS5 computes it, with k1 = 1.2 and b = 0.75.
CREATE FUNCTION articles_fts_weight(frequency double precision, size bigint, articles bigint, tokens bigint, hits bigint)
    RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT -greatest(ln((articles - hits + 0.5)::double precision / (hits + 0.5)), 1e-6) * frequency * 2.2
        / (frequency + 1.2 * (0.25 + 0.75 * size * articles / greatest(tokens, 1)))
$$;
