-- Phones check in by a key of their own, and say how they are.
-- The DER of that key's SubjectPublicKeyInfo; none: the phone cannot check in.
ALTER TABLE phones ADD COLUMN check_in_key BLOB;
-- The challenge that its next message must repeat, until when.
ALTER TABLE phones ADD COLUMN challenge TEXT;
ALTER TABLE phones ADD COLUMN challenge_expires INTEGER;
-- When it checked in last, and what it said then: the version of its program, where its keys are, when one was last used.
ALTER TABLE phones ADD COLUMN last_seen INTEGER;
ALTER TABLE phones ADD COLUMN app_version TEXT;
ALTER TABLE phones ADD COLUMN key_protection TEXT;
ALTER TABLE phones ADD COLUMN last_use INTEGER;
-- What kept it from renewing, JSON.
ALTER TABLE phones ADD COLUMN problems TEXT;
-- When it said that it had emptied its card.
ALTER TABLE phones ADD COLUMN wiped_at INTEGER;
