-- For reading what happened to articles, and which stories a source has, without a look at every article.

CREATE INDEX articles_withdrawn ON articles (withdrawn_at) WHERE withdrawn_at IS NOT NULL;
CREATE INDEX articles_of_stories ON articles (source_id, story_id) WHERE story_id IS NOT NULL;
