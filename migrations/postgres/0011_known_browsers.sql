-- Browsers in which an administrator signed in before: what strangers try from elsewhere does not keep these out. Only the
-- SHA-256 of a browser's token is kept.
CREATE TABLE known_browsers (
    token_hash        TEXT PRIMARY KEY,
    administrator_id  TEXT NOT NULL REFERENCES administrators (id),
    expires           BIGINT NOT NULL
);
CREATE INDEX known_browsers_administrator ON known_browsers (administrator_id);
CREATE INDEX known_browsers_expires ON known_browsers (expires);
CREATE INDEX sessions_administrator ON sessions (administrator_id);

-- Refused sign-ins may be many: the overview counts them, and shows what else happened without reading them.
CREATE INDEX audit_events_refused ON audit_events (at) WHERE kind = 'sign-in-refused';
CREATE INDEX audit_events_but_refused ON audit_events (sequence) WHERE kind <> 'sign-in-refused';
