-- Tokens with which programs use the API. Only the SHA-256 of a token is kept.
CREATE TABLE api_tokens (
    id         TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL,
    name       TEXT NOT NULL,
    -- What it may do: words with spaces between them.
    scopes     TEXT NOT NULL,
    created    BIGINT NOT NULL,
    -- Name of who made it.
    created_by TEXT NOT NULL,
    expires    BIGINT NOT NULL,
    revoked    BIGINT,
    -- Give or take a minute.
    last_used  BIGINT
);
CREATE UNIQUE INDEX api_tokens_hash ON api_tokens (token_hash);

-- The invitations that a program asked for under a key of its own: a repetition of the request has the same.
CREATE TABLE idempotency_keys (
    token_id      TEXT NOT NULL,
    key           TEXT NOT NULL,
    -- SHA-256 of the request.
    digest        TEXT NOT NULL,
    invitation_id TEXT NOT NULL,
    created       BIGINT NOT NULL,
    PRIMARY KEY (token_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created);
