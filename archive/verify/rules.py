"""What must hold between the rows of an archive, as queries: each finds what breaks a rule, and says how it is mended.

A query gives one text for each row that breaks its rule. Statements take :now, :far and :outcomes by name.
"""

from __future__ import annotations

from dataclasses import dataclass

TIME = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z"
AGAIN = """state = 'pending', outcome = NULL, attempts = 0, next_attempt_at = :now, etag = NULL, last_modified = NULL,
           http_status = NULL"""  # fetched again, and unconditionally


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, what it is called and what breaking it means; without `mends` it can only be told."""

    check: str
    what: str
    find: str
    mends: tuple[str, ...] = ()
    done: str = ""
    trouble: bool = True


def _dangling(table: str, column: str, parent: str, what: str, mend: str, done: str, key: str = "id") -> Rule:
    broken = f"{column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {parent})"  # noqa: S608  names of ours
    return Rule(
        f"{table}.{column}",
        what,
        f"SELECT {key} FROM {table} WHERE {broken}",  # noqa: S608  names of ours
        (f"{mend} WHERE {broken}",),
        done,
    )


def _json(table: str, column: str, kind: str, empty: str, key: str = "id") -> Rule:
    broken = f"{column} IS NOT NULL AND CASE WHEN json_valid({column}) THEN json_type({column}) != '{kind}' ELSE 1 END"
    return Rule(
        f"{table}.{column}",
        f"{table}.{column} holds no JSON {kind}",
        f"SELECT {key} FROM {table} WHERE {broken}",  # noqa: S608
        (f"UPDATE {table} SET {column} = {empty} WHERE {broken}",),  # noqa: S608
        "emptied; what it said can be had again with `reextract`" if table == "articles" else "emptied",
    )


# once lost sources and articles are there again (archive/verify/lost.py)
REFERENCES = (
    _dangling("feeds", "parent_id", "feeds", "sitemaps of an index that is not there",
              "UPDATE feeds SET parent_id = NULL, status = 'removed'", "out of use until an index names them again"),
    _dangling("pages", "feed_id", "feeds", "pages offered by a feed that is not there",
              "UPDATE pages SET feed_id = NULL", "reference dropped"),
    _dangling("captures", "feed_id", "feeds", "captures of a feed that is not there",
              "UPDATE captures SET feed_id = (SELECT f.id FROM feeds f WHERE f.url = captures.url LIMIT 1)",
              "led to the feed of that URL, where there is one"),
    _dangling("captures", "page_id", "pages", "captures of a page that is not there",
              "UPDATE captures SET page_id = (SELECT p.id FROM pages p WHERE p.url = captures.url)",
              "led to the page of that URL, where there is one"),
    _dangling("article_versions", "capture_id", "captures", "versions that name a capture that is not there",
              "UPDATE article_versions SET capture_id = NULL", "reference dropped",
              "'article ' || article_id || ' version ' || version"),
    _dangling("article_urls", "article_id", "articles", "addresses of an article that is not there",
              "DELETE FROM article_urls", "dropped", "url"),
    _dangling("pages", "article_id", "articles", "pages of an article that is not there",
              """UPDATE pages SET article_id = (SELECT u.article_id FROM article_urls u WHERE u.url = pages.url)""",
              "led to the article of that URL, where there is one", "url"),
    _dangling("site_memory", "source_id", "sources", "memories of a source that is not there",
              "DELETE FROM site_memory", "dropped; it is learned anew", "source_id"),
)  # fmt: skip

DOCUMENTS = (
    _json("articles", "authors", "array", "'[]'"),
    _json("articles", "editors", "array", "'[]'"),
    _json("articles", "tags", "array", "'[]'"),
    _json("articles", "provenance", "object", "'{}'"),
    _json("pages", "hint", "object", "'{}'", "url"),
    _json("feeds", "polling", "object", "'{}'", "url"),
    _json("runs", "outcomes", "object", "'{}'"),
    _json("site_memory", "state", "object", "'{}'", "source_id"),
    _json("polling", "state", "object", "'{}'"),
)

ARTICLES = (
    Rule(
        "article_version",
        "articles whose version is not among their versions",
        """SELECT id FROM articles a WHERE NOT EXISTS
           (SELECT 1 FROM article_versions v WHERE v.article_id = a.id AND v.version = a.version)""",
        (
            """INSERT INTO article_versions (article_id, version, captured_at, title, text, summary, modified_at,
                                             content_hash)
               SELECT id, version, first_seen_at, title, text, summary, modified_at, content_hash FROM articles a
               WHERE NOT EXISTS
                   (SELECT 1 FROM article_versions v WHERE v.article_id = a.id AND v.version = a.version)""",
        ),
        "the version was written from the article",
    ),
    Rule(
        "article_url",
        "articles that their own URL does not lead to",
        "SELECT id || ' ' || url FROM articles a WHERE NOT EXISTS (SELECT 1 FROM article_urls u WHERE u.url = a.url)",
        (
            """INSERT INTO article_urls (url, article_id, kind) SELECT url, min(id), 'final' FROM articles a
               WHERE NOT EXISTS (SELECT 1 FROM article_urls u WHERE u.url = a.url) GROUP BY url""",
        ),
        "the address was written down",
    ),
    Rule(
        "article_twice",
        "articles whose URL is that of another article",
        """SELECT a.id || ' ' || a.url FROM articles a JOIN article_urls u ON u.url = a.url
           WHERE u.article_id != a.id""",
    ),
)

PAGES = (
    Rule(
        "page_state",
        "pages that are neither pending nor done with an outcome",
        "SELECT url FROM pages WHERE state NOT IN ('pending', 'done') OR (state = 'done') != (outcome IS NOT NULL)",
        (
            """UPDATE pages SET state = CASE WHEN outcome IS NULL THEN 'pending' ELSE 'done' END,
                   next_attempt_at = CASE WHEN outcome IS NULL THEN coalesce(next_attempt_at, :now)
                                          ELSE next_attempt_at END
               WHERE state NOT IN ('pending', 'done') OR (state = 'done') != (outcome IS NOT NULL)""",
        ),
        "done where there is an outcome, the others pending",
    ),
    Rule(
        "page_outcome",
        "pages with an outcome that there is not",
        "SELECT url || ' ' || outcome FROM pages WHERE outcome NOT IN (SELECT value FROM json_each(:outcomes))",
        (f"UPDATE pages SET {AGAIN} WHERE outcome NOT IN (SELECT value FROM json_each(:outcomes))",),  # noqa: S608
        "pending again",
    ),
    Rule(
        "page_time",
        "pages without a usable time at which they are tried again, or with one years ahead",
        f"""SELECT url FROM pages WHERE (state = 'pending' AND next_attempt_at IS NULL)
            OR next_attempt_at NOT GLOB '{TIME}' OR next_attempt_at > :far""",  # noqa: S608
        (
            f"""UPDATE pages SET next_attempt_at = CASE WHEN state = 'done' AND next_attempt_at NOT GLOB '{TIME}'
                                                        THEN NULL ELSE :now END
                WHERE (state = 'pending' AND next_attempt_at IS NULL)
                OR next_attempt_at NOT GLOB '{TIME}' OR next_attempt_at > :far""",  # noqa: S608
        ),
        "tried at the next crawl",
    ),
    Rule(
        "page_article",
        "pages that gave an article, and do not say which",
        """SELECT url FROM pages WHERE article_id IS NULL AND outcome IN ('stored', 'updated', 'unchanged')""",
        (
            """UPDATE pages SET article_id = (SELECT u.article_id FROM article_urls u WHERE u.url = pages.url)
               WHERE article_id IS NULL AND outcome IN ('stored', 'updated', 'unchanged')""",
            f"""UPDATE pages SET {AGAIN}
                WHERE article_id IS NULL AND outcome IN ('stored', 'updated', 'unchanged')""",  # noqa: S608
        ),
        "led to the article of that URL, else pending again",
    ),
    Rule(
        "feed_time",
        "feeds without a usable time at which they are looked at again, or with one years ahead",
        f"""SELECT url FROM feeds WHERE next_check_at NOT GLOB '{TIME}' OR next_check_at > :far""",  # noqa: S608
        (f"UPDATE feeds SET next_check_at = :now WHERE next_check_at NOT GLOB '{TIME}' OR next_check_at > :far",),  # noqa: S608
        "looked at in the next crawl",
    ),
    Rule(
        "host_time",
        "hosts that are left alone for years",
        "SELECT host FROM hosts WHERE not_before > :far",
        ("UPDATE hosts SET not_before = NULL WHERE not_before > :far",),
        "asked again",
    ),
)

RUNS = (
    Rule(
        "run_end",
        "runs that ended and do not say how",
        "SELECT id FROM runs WHERE finished_at IS NOT NULL AND reason = ''",
        ("UPDATE runs SET reason = 'broken off' WHERE finished_at IS NOT NULL AND reason = ''",),
        "called broken off",
    ),
    Rule(
        "run_counts",
        "runs whose counts are not those of their outcomes",
        """SELECT id FROM runs WHERE json_valid(outcomes)
           AND (stored != coalesce(outcomes ->> '$.stored', 0) OR updated != coalesce(outcomes ->> '$.updated', 0))""",
        (
            """UPDATE runs SET stored = coalesce(outcomes ->> '$.stored', 0),
                   updated = coalesce(outcomes ->> '$.updated', 0) WHERE json_valid(outcomes)""",
        ),
        "counted anew",
    ),
)

OPEN_RUNS = Rule(
    "run_open",
    "runs that were broken off; the next start says so in them",
    "SELECT id FROM runs WHERE finished_at IS NULL AND reason = ''",
    ("UPDATE runs SET reason = 'broken off' WHERE finished_at IS NULL AND reason = ''",),
    "called broken off",
    trouble=False,
)

# once the raw store was looked through
CAPTURED = (
    Rule(
        "page_capture",
        "pages that were answered, and of which no answer is kept",
        """SELECT url FROM pages p WHERE http_status IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM captures c WHERE c.page_id = p.id)""",
        (
            f"""UPDATE pages SET {AGAIN} WHERE http_status IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM captures c WHERE c.page_id = pages.id)""",  # noqa: S608
        ),
        "pending again",
    ),
    Rule(
        "capture_revisit",
        "captures that refer to an earlier one that is not there",
        """SELECT id || ' ' || url FROM captures c WHERE record = 'revisit' AND NOT EXISTS
           (SELECT 1 FROM captures f WHERE f.url = c.url AND f.digest = c.digest AND f.record = 'response')""",
        (
            f"""UPDATE pages SET {AGAIN} WHERE id IN (SELECT page_id FROM captures c WHERE record = 'revisit'
                AND NOT EXISTS (SELECT 1 FROM captures f
                                WHERE f.url = c.url AND f.digest = c.digest AND f.record = 'response'))""",  # noqa: S608
            """UPDATE feeds SET etag = NULL, last_modified = NULL, digest = NULL
               WHERE id IN (SELECT feed_id FROM captures c WHERE record = 'revisit'
               AND NOT EXISTS (SELECT 1 FROM captures f
                               WHERE f.url = c.url AND f.digest = c.digest AND f.record = 'response'))""",
            """UPDATE article_versions SET capture_id = NULL WHERE capture_id IN
               (SELECT id FROM captures c WHERE record = 'revisit' AND NOT EXISTS
                (SELECT 1 FROM captures f WHERE f.url = c.url AND f.digest = c.digest AND f.record = 'response'))""",
            """DELETE FROM captures WHERE record = 'revisit' AND NOT EXISTS
               (SELECT 1 FROM captures f WHERE f.url = captures.url AND f.digest = captures.digest
                AND f.record = 'response')""",
        ),
        "taken out of the index; their pages are pending again",
    ),
)
