-- Accounts can be disabled, and are set up and set right by links that whoever has one sets a password with.
-- Since when nobody can sign in with it.
ALTER TABLE administrators ADD COLUMN disabled BIGINT;
-- When it was last used, give or take a minute.
ALTER TABLE administrators ADD COLUMN last_seen BIGINT;

CREATE TABLE password_links (
    -- SHA-256 of the link's token.
    token_hash        TEXT PRIMARY KEY,
    administrator_id  TEXT NOT NULL REFERENCES administrators (id),
    -- The id of who made it: their links end with what they may do.
    made_by           TEXT NOT NULL,
    state             TEXT NOT NULL CHECK (state IN ('open', 'used', 'replaced')),
    created           BIGINT NOT NULL,
    expires           BIGINT NOT NULL
);
CREATE INDEX password_links_administrator ON password_links (administrator_id);
CREATE INDEX password_links_made_by ON password_links (made_by);
CREATE INDEX password_links_expires ON password_links (expires);
