-- Where an authority's key is: file:NAME is a file in the authority's folder.
ALTER TABLE issuers ADD COLUMN key_location TEXT NOT NULL DEFAULT '';
UPDATE issuers SET key_location = 'file:' || role || '.key';

-- What a certificate of each kind says. A change is a new version; the highest is in force, and none is ever deleted.
CREATE TABLE profiles (
    name        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    -- JSON, checked when it is loaded.
    definition  TEXT NOT NULL,
    created     INTEGER NOT NULL,
    PRIMARY KEY (name, version)
);

-- Which keys a phone is asked to make. Versions as above.
CREATE TABLE enrollment_policies (
    name        TEXT NOT NULL,
    version     INTEGER NOT NULL,
    -- JSON, checked when it is loaded.
    definition  TEXT NOT NULL,
    created     INTEGER NOT NULL,
    PRIMARY KEY (name, version)
);

-- The version of its profile that a certificate was made by. Those from before were made by the first.
ALTER TABLE certificates ADD COLUMN profile_version INTEGER NOT NULL DEFAULT 1;

-- 9A: sign in; Windows smart-card logon.
INSERT INTO profiles (name, version, created, definition) VALUES ('piv-authentication', 1, 0, '{
    "slot": "9A", "algorithms": ["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384"], "subject": "person",
    "alternative_names": ["upn", "mail"], "key_usage": ["sign"],
    "extended_key_usage": ["1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.311.20.2.2"], "extended_key_usage_critical": false,
    "lifetime_days": 365, "revocation": "published", "longest": 2400
}');
-- 9C: sign mail and documents.
INSERT INTO profiles (name, version, created, definition) VALUES ('digital-signature', 1, 0, '{
    "slot": "9C", "algorithms": ["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384"], "subject": "person",
    "alternative_names": ["mail"], "key_usage": ["sign", "commit"],
    "extended_key_usage": ["1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36"], "extended_key_usage_critical": false,
    "lifetime_days": 365, "revocation": "published", "longest": 2400
}');
-- 9D: decrypt.
INSERT INTO profiles (name, version, created, definition) VALUES ('key-management', 1, 0, '{
    "slot": "9D", "algorithms": ["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384"], "subject": "person",
    "alternative_names": ["mail"], "key_usage": ["decrypt"], "extended_key_usage": ["1.3.6.1.5.5.7.3.4"],
    "extended_key_usage_critical": false, "lifetime_days": 365, "revocation": "published", "longest": 2400
}');
-- 9E: the card itself, without a PIN.
INSERT INTO profiles (name, version, created, definition) VALUES ('card-authentication', 1, 0, '{
    "slot": "9E", "algorithms": ["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384"], "subject": "card",
    "alternative_names": ["card-uuid"], "key_usage": ["sign"], "extended_key_usage": ["2.16.840.1.101.3.6.8"],
    "extended_key_usage_critical": true, "lifetime_days": 365, "revocation": "published", "longest": 2400
}');
-- The server's own HTTPS.
INSERT INTO profiles (name, version, created, definition) VALUES ('tls-server', 1, 0, '{
    "slot": null, "algorithms": ["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384"], "subject": "host",
    "alternative_names": ["host"], "key_usage": ["sign"], "extended_key_usage": ["1.3.6.1.5.5.7.3.1"],
    "extended_key_usage_critical": false, "lifetime_days": 90, "revocation": "published", "longest": 4096
}');
-- Whoever signs OCSP answers in an authority's name.
INSERT INTO profiles (name, version, created, definition) VALUES ('ocsp-responder', 1, 0, '{
    "slot": null, "algorithms": ["RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384"], "subject": "ocsp-responder",
    "alternative_names": [], "key_usage": ["sign"], "extended_key_usage": ["1.3.6.1.5.5.7.3.9"],
    "extended_key_usage_critical": false, "lifetime_days": 7, "revocation": "no-check", "longest": 4096
}');

-- RSA where old clients need it.
INSERT INTO enrollment_policies (name, version, created, definition) VALUES ('standard', 1, 0, '{"keys": [
    {"slot": "9A", "algorithm": "RSA-2048", "profile": "piv-authentication"},
    {"slot": "9C", "algorithm": "P-256", "profile": "digital-signature"},
    {"slot": "9D", "algorithm": "RSA-2048", "profile": "key-management"},
    {"slot": "9E", "algorithm": "P-256", "profile": "card-authentication"}
]}');
-- P-256 everywhere.
INSERT INTO enrollment_policies (name, version, created, definition) VALUES ('compact', 1, 0, '{"keys": [
    {"slot": "9A", "algorithm": "P-256", "profile": "piv-authentication"},
    {"slot": "9C", "algorithm": "P-256", "profile": "digital-signature"},
    {"slot": "9D", "algorithm": "P-256", "profile": "key-management"},
    {"slot": "9E", "algorithm": "P-256", "profile": "card-authentication"}
]}');
