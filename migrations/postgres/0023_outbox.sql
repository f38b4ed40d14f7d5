-- What is sent to others. A row is written by the transaction that it tells of.
-- Under the passphrase of the keys: what secrets of webhooks are made with. Those are in no table.
ALTER TABLE installation ADD COLUMN outbox_key TEXT;

CREATE TABLE webhooks (
    id         TEXT PRIMARY KEY,
    url        TEXT NOT NULL,
    -- The kinds of objects whose events it tells of, each between spaces.
    objects    TEXT NOT NULL,
    created    BIGINT NOT NULL,
    -- Name of the administrator.
    created_by TEXT NOT NULL,
    -- Since when nothing is sent to it.
    disabled   BIGINT
);

CREATE TABLE outbox (
    id           TEXT PRIMARY KEY,
    -- What goes out in one order: the id of a webhook.
    lane         TEXT NOT NULL,
    -- The number of the event that it tells of.
    sequence     BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    attempts     BIGINT NOT NULL DEFAULT 0,
    -- By the clock of the database, which several servers share. While an attempt is under way it is the end of its lease.
    next_attempt BIGINT NOT NULL,
    settled      BIGINT,
    -- Which attempt is under way.
    lease        TEXT NOT NULL DEFAULT '',
    -- How the last attempt ended, and what was answered.
    outcome      TEXT,
    answer       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_waiting ON outbox (lane, sequence) WHERE state = 'waiting';
CREATE INDEX outbox_next ON outbox (next_attempt) WHERE state = 'waiting';
CREATE INDEX outbox_lane ON outbox (lane, created, id);
CREATE INDEX outbox_settled ON outbox (settled) WHERE settled IS NOT NULL;
