-- What a holder asks for on their own pages: another phone, which one officer or two of them approve.
CREATE TABLE holder_requests (
    id            TEXT PRIMARY KEY,
    holder_id     TEXT NOT NULL REFERENCES holders (id),
    -- The enrollment policy that they chose.
    policy        TEXT NOT NULL,
    reason        TEXT NOT NULL,
    -- How they had come to their pages: 'phone' or 'mail'.
    came_by       TEXT NOT NULL,
    -- Their names at that time.
    name          TEXT NOT NULL,
    email         TEXT NOT NULL,
    upn           TEXT NOT NULL,
    approvals     BIGINT NOT NULL CHECK (approvals IN (1, 2)),
    state         TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn', 'expired', 'closed')),
    created       BIGINT NOT NULL,
    expires       BIGINT NOT NULL,
    ended         BIGINT,
    ended_by      TEXT NOT NULL DEFAULT '',
    note          TEXT NOT NULL DEFAULT '',
    -- What whoever decided saw of it, as JSON.
    difference    TEXT NOT NULL DEFAULT '',
    -- What it came to.
    invitation_id TEXT
);
CREATE INDEX holder_requests_created ON holder_requests (created, id);
CREATE INDEX holder_requests_state ON holder_requests (state, created, id);
CREATE INDEX holder_requests_holder ON holder_requests (holder_id, created, id);
-- Nobody has two that wait.
CREATE UNIQUE INDEX holder_requests_waiting ON holder_requests (holder_id) WHERE state = 'waiting';

-- Who approved a request, and which difference they saw.
CREATE TABLE request_approvals (
    request_id TEXT NOT NULL REFERENCES holder_requests (id),
    -- 'administrator' or 'api-token', with the id of the account or of the token.
    actor_kind TEXT NOT NULL,
    actor_id   TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    seen       TEXT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (request_id, actor_kind, actor_id)
);
