-- Which sources opted out of verified certificates; every report names them.

ALTER TABLE sources ADD COLUMN verify_tls INTEGER NOT NULL DEFAULT 1;  -- 0: the source file says verify_tls = false
