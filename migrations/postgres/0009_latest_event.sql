-- The latest time of an event since somebody last said that the clock is right: a clock that shows an earlier one is not.
ALTER TABLE audit_head ADD COLUMN latest BIGINT NOT NULL DEFAULT 0;
UPDATE audit_head SET latest = (SELECT COALESCE(MAX(at), 0) FROM audit_events);
