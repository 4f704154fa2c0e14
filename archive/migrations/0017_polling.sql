-- What the looks at all feeds cost; the state of each feed is in feeds.polling.

CREATE TABLE polling (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    updated_at TEXT NOT NULL,
    state TEXT NOT NULL                         -- the price of a look and what else all feeds share, JSON
);
