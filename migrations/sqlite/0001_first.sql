-- Times are microseconds since 1970-01-01T00:00:00Z, ids random text, hashes and serials lower-case hexadecimal.
-- The same tables in both dialects: what differs is the name of the type for bytes and for 64-bit integers.

-- One row: what is true of the whole installation.
CREATE TABLE installation (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    organisation  TEXT NOT NULL,
    created       INTEGER NOT NULL,
    -- Set once, with the first administrator; whoever sets it is the first.
    setup_closed  INTEGER
);

-- Links to set up the first administrator; only the SHA-256 of a token is kept.
CREATE TABLE setup_links (
    token_hash  TEXT PRIMARY KEY,
    created     INTEGER NOT NULL
);

CREATE TABLE administrators (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    -- Lower case.
    email          TEXT NOT NULL UNIQUE,
    -- Argon2id, PHC string.
    password_hash  TEXT NOT NULL,
    created        INTEGER NOT NULL
);

CREATE TABLE sessions (
    token_hash        TEXT PRIMARY KEY,
    administrator_id  TEXT NOT NULL REFERENCES administrators (id),
    -- What the next page says once.
    flash             TEXT,
    created           INTEGER NOT NULL,
    last_seen         INTEGER NOT NULL,
    expires           INTEGER NOT NULL
);
CREATE INDEX sessions_expires ON sessions (expires);

-- Rate limits by the generic cell rate algorithm: the time at which the bucket is empty again.
CREATE TABLE rate_limits (
    bucket       TEXT PRIMARY KEY,
    empty_again  INTEGER NOT NULL
);
CREATE INDEX rate_limits_empty_again ON rate_limits (empty_again);

CREATE TABLE issuers (
    id                TEXT PRIMARY KEY,
    role              TEXT NOT NULL CHECK (role IN ('root', 'issuing')),
    name              TEXT NOT NULL,
    certificate       BLOB NOT NULL,
    fingerprint       TEXT NOT NULL UNIQUE,
    -- Rises with each revocation: a CRL or OCSP answer made at a lower one is out of date.
    revocation_epoch  INTEGER NOT NULL DEFAULT 0,
    created           INTEGER NOT NULL
);

CREATE TABLE holders (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    email     TEXT NOT NULL,
    -- User principal name, lower case.
    upn       TEXT NOT NULL UNIQUE,
    -- The part of the UPN before the '@': the account that sshd asks for.
    username  TEXT NOT NULL UNIQUE,
    created   INTEGER NOT NULL,
    -- Name, mail address and UPN in lower case, a line each: what is searched. SQLite lowers ASCII alone.
    search    TEXT NOT NULL
);

CREATE TABLE phones (
    id          TEXT PRIMARY KEY,
    holder_id   TEXT NOT NULL REFERENCES holders (id),
    name        TEXT NOT NULL,
    -- The card's GUID as in its CHUID, 32 hexadecimal digits.
    guid        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
    created     INTEGER NOT NULL,
    revoked_at  INTEGER,
    -- Name and GUID in lower case, a line each: what is searched.
    search      TEXT NOT NULL
);
CREATE INDEX phones_holder ON phones (holder_id, created);
CREATE INDEX phones_created ON phones (created, id);

-- Whose card a GUID is: the holder who enrolled it first.
CREATE TABLE cards (
    guid       TEXT PRIMARY KEY,
    holder_id  TEXT NOT NULL REFERENCES holders (id)
);

CREATE TABLE invitations (
    id              TEXT PRIMARY KEY,
    holder_id       TEXT NOT NULL REFERENCES holders (id),
    profile         TEXT NOT NULL,
    token_hash      TEXT NOT NULL UNIQUE,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'used', 'cancelled')),
    created         INTEGER NOT NULL,
    -- Name of the administrator who invited.
    created_by      TEXT NOT NULL,
    expires         INTEGER NOT NULL,
    used_at         INTEGER,
    cancelled_at    INTEGER,
    phone_id        TEXT REFERENCES phones (id),
    -- SHA-256 over the slots and public keys of the request that used it: the same request may be repeated.
    request_digest  TEXT,
    -- Until when the request that used it may still be at work.
    lease_until     INTEGER
);
CREATE INDEX invitations_created ON invitations (created, id);
CREATE INDEX invitations_holder ON invitations (holder_id, created);

CREATE TABLE certificates (
    id           TEXT PRIMARY KEY,
    issuer_id    TEXT NOT NULL REFERENCES issuers (id),
    serial       TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('reserved', 'issued', 'revoked')),
    profile      TEXT NOT NULL,
    slot         TEXT,
    holder_id    TEXT REFERENCES holders (id),
    phone_id     TEXT REFERENCES phones (id),
    subject      TEXT NOT NULL,
    -- SHA-256 of the DER of the SubjectPublicKeyInfo.
    key_hash     TEXT NOT NULL,
    algorithm    TEXT NOT NULL,
    not_before   INTEGER NOT NULL,
    not_after    INTEGER NOT NULL,
    -- SHA-256 of the certificate's DER, once it is signed.
    fingerprint  TEXT,
    reserved_at  INTEGER NOT NULL,
    issued_at    INTEGER,
    UNIQUE (issuer_id, serial)
);
CREATE INDEX certificates_phone ON certificates (phone_id, slot);
CREATE INDEX certificates_holder ON certificates (holder_id, slot);
CREATE INDEX certificates_reserved ON certificates (reserved_at) WHERE state = 'reserved';

-- Apart from the rows that lists and status answers read, so that those stay small.
CREATE TABLE certificate_bodies (
    certificate_id  TEXT PRIMARY KEY REFERENCES certificates (id),
    -- What was about to be signed, under a throw-away key's signature: on record before the real one exists.
    recorded        BLOB NOT NULL,
    issued          BLOB
);

-- Every public key that was ever certified, and for what: a key serves one enrollment.
CREATE TABLE certified_keys (
    key_hash    TEXT PRIMARY KEY,
    claimed_by  TEXT NOT NULL,
    created     INTEGER NOT NULL
);

-- Evidence of revocation, which outlives the certificate's own row.
CREATE TABLE revocations (
    issuer_id   TEXT NOT NULL REFERENCES issuers (id),
    serial      TEXT NOT NULL,
    revoked_at  INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    not_after   INTEGER NOT NULL,
    PRIMARY KEY (issuer_id, serial)
);

-- The newest CRL of each issuer, and the number that the next one has to exceed.
CREATE TABLE crls (
    issuer_id         TEXT PRIMARY KEY REFERENCES issuers (id),
    last_number       INTEGER NOT NULL DEFAULT 0,
    number            INTEGER NOT NULL DEFAULT 0,
    revocation_epoch  INTEGER NOT NULL DEFAULT 0,
    this_update       INTEGER NOT NULL DEFAULT 0,
    next_update       INTEGER NOT NULL DEFAULT 0,
    body              BLOB
);

-- Append only; each row's hash covers the one before it.
CREATE TABLE audit_events (
    sequence     INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    actor_kind   TEXT NOT NULL,
    actor_id     TEXT NOT NULL,
    actor_name   TEXT NOT NULL,
    object_kind  TEXT NOT NULL,
    object_id    TEXT NOT NULL,
    -- The address that the request came from, or empty.
    source       TEXT NOT NULL,
    -- JSON object.
    detail       TEXT NOT NULL,
    hash         TEXT NOT NULL
);
CREATE INDEX audit_events_object ON audit_events (object_kind, object_id, sequence);

-- One row: the end of the chain. A writer updates it first, so that two writers cannot fork the chain.
CREATE TABLE audit_head (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    sequence  INTEGER NOT NULL,
    hash      TEXT NOT NULL
);
INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, '');

CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
