-- How far a long job over the archive has come, so that an interrupted one goes on where it was.

CREATE TABLE jobs (
    name TEXT PRIMARY KEY,
    started_at TEXT NOT NULL,
    position INTEGER NOT NULL                   -- the last article that was done
) WITHOUT ROWID;
