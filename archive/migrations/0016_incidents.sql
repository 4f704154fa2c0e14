-- What went wrong and when it ended, the hours in which listings brought something, and what is told to whom.

-- Each column but `day` has a bit for each hour (UTC, hour 0 lowest).
CREATE TABLE feed_days (
    feed_id INTEGER NOT NULL,                   -- feeds.id; no references here: they would be looked up at each insert
    day TEXT NOT NULL,                          -- UTC
    looked INTEGER NOT NULL DEFAULT 0,          -- it answered
    changed INTEGER NOT NULL DEFAULT 0,         -- with another content than before
    brought INTEGER NOT NULL DEFAULT 0,         -- with something new
    lost INTEGER NOT NULL DEFAULT 0,            -- with nothing that was known, within a day of the look before
    PRIMARY KEY (feed_id, day)
) WITHOUT ROWID;

CREATE TRIGGER feed_days_look AFTER UPDATE OF last_success_at ON feeds
WHEN new.last_success_at > coalesce(old.last_success_at, '') BEGIN
    INSERT INTO feed_days (feed_id, day, looked, changed, brought, lost)
    SELECT new.id, substr(new.last_success_at, 1, 10), b.bit, b.bit * (new.digest IS NOT old.digest),
           b.bit * (new.last_new_at IS NOT old.last_new_at),
           b.bit * (new.kind = 'feed' AND new.items >= 8 AND new.new_items >= new.items AND old.items > 0
                    AND julianday(new.last_success_at) - julianday(old.last_success_at) < 1)
    FROM (SELECT 1 << CAST(substr(new.last_success_at, 12, 2) AS INTEGER) AS bit) b WHERE true
    ON CONFLICT DO UPDATE SET looked = looked | excluded.looked, changed = changed | excluded.changed,
        brought = brought | excluded.brought, lost = lost | excluded.lost;
END;

-- What an existing archive tells of the last weeks.
INSERT INTO feed_days (feed_id, day, looked, brought)
    SELECT p.feed_id, substr(p.discovered_at, 1, 10), sum(DISTINCT 1 << CAST(substr(p.discovered_at, 12, 2) AS INTEGER)),
           sum(DISTINCT 1 << CAST(substr(p.discovered_at, 12, 2) AS INTEGER))
    FROM pages p JOIN feeds f ON f.id = p.feed_id
    WHERE p.discovered_at >= strftime('%Y-%m-%d', 'now', '-40 days') GROUP BY 1, 2;

CREATE TABLE incidents (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,                          -- as archive/health.py names its findings, such as few:bbc
    source TEXT NOT NULL DEFAULT '',            -- sources.slug; '': it is none of one source
    name TEXT NOT NULL DEFAULT '',              -- of the source
    severity TEXT NOT NULL,
    what TEXT NOT NULL,
    reason TEXT NOT NULL,
    started_at TEXT NOT NULL,                   -- since when, as far as that is known
    found_at TEXT NOT NULL,                     -- when it was first found
    opened_at TEXT,                             -- when it had been found for long enough; NULL: so far only suspected
    absent_since TEXT,                          -- when it was first no longer found
    ended_at TEXT,
    returns INTEGER NOT NULL DEFAULT 0,         -- how often it was gone and came back
    notified_start_at TEXT,                     -- when the message that tells of its start was written
    notified_end_at TEXT
);
CREATE UNIQUE INDEX incidents_going_on ON incidents (key) WHERE ended_at IS NULL;
CREATE INDEX incidents_ended ON incidents (key, ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX incidents_lately ON incidents (ended_at) WHERE ended_at IS NOT NULL;

-- What is told, and to which of the channels of NOTIFY it has gone.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('incidents', 'digest', 'watch')),
    about TEXT NOT NULL DEFAULT '',             -- kind watch: its name
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    written_at TEXT NOT NULL
);
CREATE INDEX messages_kind ON messages (kind, about, written_at);

CREATE TABLE deliveries (
    message_id INTEGER NOT NULL REFERENCES messages(id),
    channel TEXT NOT NULL,                      -- digest of its address, which may hold a password
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT,                           -- NULL: it is settled
    begun_at TEXT,                              -- written before it is sent: what a kill leaves so is not sent again
    sent_at TEXT,
    error TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (message_id, channel)
) WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (next_try_at) WHERE next_try_at IS NOT NULL;

-- How far each watch has looked.
CREATE TABLE watches (
    name TEXT PRIMARY KEY,                      -- of the saved search
    query TEXT NOT NULL,                        -- as it was then: another one begins anew
    position INTEGER NOT NULL,                  -- the last article it has looked at
    looked_at TEXT NOT NULL,
    changes TEXT NOT NULL DEFAULT '[]'          -- versions told of lately, JSON: [article, version]
) WITHOUT ROWID;
