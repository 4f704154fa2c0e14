-- How a host has behaved and how often it was asked, so that a restart forgets neither; what each answer said about
-- robots, archives and text and data mining.

ALTER TABLE hosts ADD COLUMN robots_max_age INTEGER;               -- seconds; NULL: as long as ROBOTS_MAX_AGE
ALTER TABLE hosts ADD COLUMN strikes INTEGER NOT NULL DEFAULT 0;   -- weight of the failures in a row
ALTER TABLE hosts ADD COLUMN holds INTEGER NOT NULL DEFAULT 0;     -- how often it was left alone since it last answered well
ALTER TABLE hosts ADD COLUMN day TEXT NOT NULL DEFAULT '';         -- the day (UTC) of the last request
ALTER TABLE hosts ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;  -- on that day

ALTER TABLE captures ADD COLUMN robots TEXT NOT NULL DEFAULT '';   -- directives of meta robots and X-Robots-Tag for us
ALTER TABLE captures ADD COLUMN reserved TEXT;                     -- JSON; NULL: nothing was said about mining and AI
ALTER TABLE captures ADD COLUMN kept INTEGER NOT NULL DEFAULT 1;   -- 0: the site asked that no copy be kept, and none is
