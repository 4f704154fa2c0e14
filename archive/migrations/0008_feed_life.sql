-- Where a feed went that moved for good, and when its content was last seen, so that a server that answers 304 for ever is
-- asked for the whole now and then.

ALTER TABLE feeds ADD COLUMN moved_to INTEGER REFERENCES feeds(id);  -- status moved: the feed that is asked instead
ALTER TABLE feeds ADD COLUMN body_at TEXT;                           -- when it last answered 200
