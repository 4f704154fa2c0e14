-- Functions that SQLite has and PostgreSQL lacks, under the names that SQLite gives them.

-- The greater and the lesser of two values; NULL when one is NULL.
CREATE FUNCTION max(a anycompatible, b anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a >= b THEN a ELSE b END $$;
CREATE FUNCTION min(a anycompatible, b anycompatible) RETURNS anycompatible LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN a <= b THEN a ELSE b END $$;

CREATE FUNCTION round(number double precision, digits integer) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT round(number::numeric, digits)::double precision $$;

CREATE FUNCTION json_valid(document text) RETURNS integer LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    PERFORM document::json;
    RETURN CASE WHEN document IS NULL THEN NULL ELSE 1 END;
EXCEPTION WHEN others THEN
    RETURN 0;
END $$;

CREATE FUNCTION json_type(document text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT replace(json_typeof(document::json), 'string', 'text') $$;

-- The elements of an array or the members of an object, as text.
CREATE FUNCTION json_each(document text) RETURNS TABLE (key text, value text) LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF json_typeof(document::json) = 'array' THEN
        RETURN QUERY SELECT (n - 1)::text, v FROM json_array_elements_text(document::json) WITH ORDINALITY AS e(v, n);
    ELSIF document IS NOT NULL THEN
        RETURN QUERY SELECT e.key, e.value FROM json_each_text(document::json) AS e;
    END IF;
END $$;

-- Paths of one step only, such as $.name.
CREATE FUNCTION json_extract(document text, path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT document::json ->> substr(path, 3) $$;
CREATE FUNCTION json_set(document text, path text, value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT jsonb_set(document::jsonb, ARRAY[substr(path, 3)], to_jsonb(value))::text $$;

-- Does a text match a pattern with *, ? and [sets]?
CREATE FUNCTION glob(pattern text, value text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT value ~ ('^' || replace(replace(regexp_replace(pattern, '([.+(){}|^$\\])', '\\\1', 'g'), '*', '.*'), '?', '.') || '$')
$$;

-- Days since noon of 24 November 4714 BC; NULL for what is no time.
CREATE FUNCTION julianday(moment text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN extract(epoch FROM rtrim(moment, 'Z')::timestamp)::double precision / 86400 + 2440587.5;
EXCEPTION WHEN others THEN
    RETURN NULL;
END $$;
CREATE FUNCTION strftime(format text, julian double precision) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    IF format != '%Y-%m-%dT%H:%M:%SZ' THEN
        RAISE EXCEPTION 'strftime knows the format of the archive only, not %', format;
    END IF;
    RETURN to_char(timestamp '1970-01-01' + (julian - 2440587.5) * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
END $$;
