-- When a suspension ends by itself; none where somebody ends it.
ALTER TABLE suspensions ADD COLUMN until BIGINT;

-- When a holder's phone checked in last, of all of theirs; 0 if none has.
ALTER TABLE holders ADD COLUMN last_seen BIGINT NOT NULL DEFAULT 0;
UPDATE holders SET last_seen = COALESCE((SELECT MAX(p.last_seen) FROM phones p WHERE p.holder_id = holders.id), 0)
    WHERE EXISTS (SELECT 1 FROM phones p WHERE p.holder_id = holders.id AND p.last_seen IS NOT NULL);
CREATE INDEX holders_seen ON holders (last_seen, id);
CREATE INDEX phones_seen ON phones ((COALESCE(last_seen, 0)), id);
CREATE INDEX phones_state_seen ON phones (state, (COALESCE(last_seen, 0)), id);

-- What the link of the invitation was made of then: after a corrected mail address a repetition is not told the new one.
ALTER TABLE idempotency_keys ADD COLUMN link_seed TEXT NOT NULL DEFAULT '';
