-- Which page of an article over several pages a capture is.

ALTER TABLE captures ADD COLUMN part INTEGER NOT NULL DEFAULT 1;
