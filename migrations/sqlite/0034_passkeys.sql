-- Passkeys of accounts (WebAuthn). Only the public half of a key is known here.
CREATE TABLE passkeys (
    id               TEXT PRIMARY KEY,
    administrator_id TEXT NOT NULL REFERENCES administrators (id),
    -- By which its authenticator knows it, base64url.
    credential_id    TEXT NOT NULL,
    -- The DER of its SubjectPublicKeyInfo, base64url.
    public_key       TEXT NOT NULL,
    -- How often its authenticator has signed, as it said last; 0 where it does not count.
    sign_count       INTEGER NOT NULL,
    name             TEXT NOT NULL,
    added            INTEGER NOT NULL,
    last_used        INTEGER
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id);
CREATE INDEX passkeys_administrator ON passkeys (administrator_id, added);

-- What a browser is to have a passkey sign: one for each session, waiting sign-in or visit, and good once.
CREATE TABLE passkey_challenges (
    -- SHA-256 of the token of the session, the waiting sign-in or the visit.
    bound_to  TEXT PRIMARY KEY,
    -- Random, base64url.
    challenge TEXT NOT NULL,
    expires   INTEGER NOT NULL
);
CREATE INDEX passkey_challenges_expires ON passkey_challenges (expires);
