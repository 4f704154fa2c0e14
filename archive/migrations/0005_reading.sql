-- The text as Markdown, for reading: sub-headings, quotations, lists and links.

ALTER TABLE articles ADD COLUMN reading TEXT NOT NULL DEFAULT '';
