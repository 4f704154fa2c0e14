-- The triggers of the SQLite migrations 0002, 0013, 0014 and 0016.

-- A JSON array as a set of texts; a damaged one has none, and `verify` finds it.
CREATE FUNCTION texts_of(document text) RETURNS SETOF text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF document != '[]' AND json_valid(document) = 1 THEN
        RETURN QUERY SELECT DISTINCT value FROM json_each(document) WHERE value IS NOT NULL;
    END IF;
END $$;

CREATE FUNCTION article_authors_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP != 'INSERT' THEN
        DELETE FROM article_authors WHERE article_id = old.id AND name IN (SELECT texts_of(old.authors));
    END IF;
    IF TG_OP != 'DELETE' THEN
        INSERT INTO article_authors (name, article_id) SELECT texts_of(new.authors), new.id ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER article_authors_insert AFTER INSERT ON articles FOR EACH ROW WHEN (new.authors != '[]')
    EXECUTE FUNCTION article_authors_kept();
CREATE TRIGGER article_authors_update AFTER UPDATE OF authors ON articles FOR EACH ROW
    WHEN (old.authors IS DISTINCT FROM new.authors) EXECUTE FUNCTION article_authors_kept();
CREATE TRIGGER article_authors_delete AFTER DELETE ON articles FOR EACH ROW WHEN (old.authors != '[]')
    EXECUTE FUNCTION article_authors_kept();

CREATE FUNCTION article_journal_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    written bigint;
BEGIN
    INSERT INTO article_journal (article_id) VALUES (CASE TG_OP WHEN 'DELETE' THEN old.id ELSE new.id END)
        RETURNING id INTO written;
    IF written > 200000 THEN
        DELETE FROM article_journal WHERE id <= written - 200000;  -- not only that one: a number may have been lost
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER article_journal_insert AFTER INSERT ON articles FOR EACH ROW EXECUTE FUNCTION article_journal_kept();
CREATE TRIGGER article_journal_delete AFTER DELETE ON articles FOR EACH ROW EXECUTE FUNCTION article_journal_kept();
CREATE TRIGGER article_journal_update
    AFTER UPDATE OF source_id, language, section, agency, story_id, published_at, first_seen_at ON articles FOR EACH ROW
    WHEN ((old.source_id, old.language, old.section, old.agency, old.story_id, old.published_at, old.first_seen_at)
        IS DISTINCT FROM
        (new.source_id, new.language, new.section, new.agency, new.story_id, new.published_at, new.first_seen_at))
    EXECUTE FUNCTION article_journal_kept();

-- Count an article (1) or take it back (-1); of what was found by going back in time only the day of publication.
CREATE FUNCTION article_counted(a articles, n bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF a.discovered_via != '' THEN
        INSERT INTO source_days AS d (source_id, day, backfilled)
        VALUES (a.source_id, substr(coalesce(a.published_at, a.first_seen_at), 1, 10), n)
        ON CONFLICT (source_id, day) DO UPDATE SET backfilled = d.backfilled + excluded.backfilled;
        RETURN;
    END IF;
    INSERT INTO source_days AS d (source_id, day, articles)
    VALUES (a.source_id, substr(coalesce(a.published_at, a.first_seen_at), 1, 10), n)
    ON CONFLICT (source_id, day) DO UPDATE SET articles = d.articles + excluded.articles;
    INSERT INTO source_days AS d (source_id, day, stored, title, text, summary, language, section, published, minute, modified,
                                  authors, editors, agency, tags, image)
    VALUES (a.source_id, substr(a.first_seen_at, 1, 10), n, n * (a.title != '')::int, n * (a.text != '')::int,
            n * (a.summary != '')::int, n * (a.language != '')::int, n * (a.section != '')::int,
            n * (coalesce(a.published_at, '') != '')::int, n * (coalesce(length(a.published_at), 0) > 10)::int,
            n * (coalesce(a.modified_at, '') != '')::int, n * (a.authors != '[]')::int, n * (a.editors != '[]')::int,
            n * (a.agency != '')::int, n * (a.tags != '[]')::int, n * (a.image_url != '')::int)
    ON CONFLICT (source_id, day) DO UPDATE SET stored = d.stored + excluded.stored, title = d.title + excluded.title,
        text = d.text + excluded.text, summary = d.summary + excluded.summary, language = d.language + excluded.language,
        section = d.section + excluded.section, published = d.published + excluded.published,
        minute = d.minute + excluded.minute, modified = d.modified + excluded.modified,
        authors = d.authors + excluded.authors, editors = d.editors + excluded.editors, agency = d.agency + excluded.agency,
        tags = d.tags + excluded.tags, image = d.image + excluded.image;
END $$;

CREATE FUNCTION source_days_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP != 'INSERT' THEN
        PERFORM article_counted(old, -1);
    END IF;
    IF TG_OP != 'DELETE' THEN
        PERFORM article_counted(new, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER source_days_insert AFTER INSERT ON articles FOR EACH ROW EXECUTE FUNCTION source_days_kept();
CREATE TRIGGER source_days_update
    AFTER UPDATE OF source_id, published_at, first_seen_at, title, text, summary, language, section, modified_at, authors,
    editors, agency, tags, image_url ON articles FOR EACH ROW EXECUTE FUNCTION source_days_kept();
CREATE TRIGGER source_days_delete AFTER DELETE ON articles FOR EACH ROW EXECUTE FUNCTION source_days_kept();

CREATE FUNCTION source_days_looked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO source_days AS d (source_id, day, looks) VALUES (new.source_id, substr(new.last_success_at, 1, 10), 1)
    ON CONFLICT (source_id, day) DO UPDATE SET looks = d.looks + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER source_days_look AFTER UPDATE OF last_success_at ON feeds FOR EACH ROW
    WHEN (new.last_success_at > coalesce(old.last_success_at, '')) EXECUTE FUNCTION source_days_looked();

CREATE FUNCTION feed_days_looked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bit bigint := 1::bigint << substr(new.last_success_at, 12, 2)::int;
BEGIN
    INSERT INTO feed_days AS d (feed_id, day, looked, changed, brought, lost)
    VALUES (new.id, substr(new.last_success_at, 1, 10), bit, bit * (new.digest IS DISTINCT FROM old.digest)::int,
            bit * (new.last_new_at IS DISTINCT FROM old.last_new_at)::int,
            bit * coalesce(new.kind = 'feed' AND new.items >= 8 AND new.new_items >= new.items AND old.items > 0
                           AND julianday(new.last_success_at) - julianday(old.last_success_at) < 1, false)::int)
    ON CONFLICT (feed_id, day) DO UPDATE SET looked = d.looked | excluded.looked, changed = d.changed | excluded.changed,
        brought = d.brought | excluded.brought, lost = d.lost | excluded.lost;
    RETURN NULL;
END $$;
CREATE TRIGGER feed_days_look AFTER UPDATE OF last_success_at ON feeds FOR EACH ROW
    WHEN (new.last_success_at > coalesce(old.last_success_at, '')) EXECUTE FUNCTION feed_days_looked();
