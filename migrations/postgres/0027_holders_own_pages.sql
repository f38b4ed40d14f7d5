-- A link with which a holder comes to their own pages: sent by mail, or given where one of their phones was shown. Only the
-- SHA-256 of its token is kept; that of a mail is made of a key of the installation and of the random id.
CREATE TABLE holder_links (
    id         TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    holder_id  TEXT NOT NULL REFERENCES holders (id),
    -- The phone that was shown; none of a mail.
    phone_id   TEXT REFERENCES phones (id),
    expires    BIGINT NOT NULL
);
CREATE INDEX holder_links_holder ON holder_links (holder_id);
CREATE INDEX holder_links_expires ON holder_links (expires);

-- A holder on their own pages. Only the SHA-256 of the token is kept.
CREATE TABLE holder_sessions (
    token_hash TEXT PRIMARY KEY,
    holder_id  TEXT NOT NULL REFERENCES holders (id),
    -- The phone that was shown: its sessions end with it.
    phone_id   TEXT REFERENCES phones (id),
    expires    BIGINT NOT NULL
);
CREATE INDEX holder_sessions_holder ON holder_sessions (holder_id);
CREATE INDEX holder_sessions_phone ON holder_sessions (phone_id) WHERE phone_id IS NOT NULL;
CREATE INDEX holder_sessions_expires ON holder_sessions (expires);
