-- An authenticator app of an account (RFC 6238). Its secret is in no table: it is made of a key of the installation and of the
-- random `secret_id`.
CREATE TABLE authenticators (
    administrator_id TEXT PRIMARY KEY REFERENCES administrators (id),
    secret_id        TEXT NOT NULL,
    added            BIGINT NOT NULL,
    -- The number of the newest time step whose code was used: it and earlier ones are taken no more.
    last_step        BIGINT NOT NULL
);

-- The recovery codes of an account: as little are they here.
CREATE TABLE recovery_codes (
    administrator_id TEXT PRIMARY KEY REFERENCES administrators (id),
    codes_id         TEXT NOT NULL,
    made             BIGINT NOT NULL,
    -- A bit for each code that was used, the first code in the lowest.
    used             BIGINT NOT NULL
);

-- Who has given a password and is asked for a second factor. Only the SHA-256 of the token is kept.
CREATE TABLE pending_sign_ins (
    token_hash       TEXT PRIMARY KEY,
    administrator_id TEXT NOT NULL REFERENCES administrators (id),
    expires          BIGINT NOT NULL,
    -- How many codes were wrong.
    refused          BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX pending_sign_ins_administrator ON pending_sign_ins (administrator_id);
CREATE INDEX pending_sign_ins_expires ON pending_sign_ins (expires);

-- When whoever is signed in last showed who they are.
ALTER TABLE sessions ADD COLUMN proved BIGINT NOT NULL DEFAULT 0;
