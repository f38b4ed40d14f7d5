-- That somebody allows a phone's holder a new PIN. The code that the holder is told is made of the seed, the phone's id and a key that
-- no table has.
CREATE TABLE pin_unblockings (
    phone_id   TEXT PRIMARY KEY REFERENCES phones (id),
    seed       TEXT NOT NULL,
    allowed    BIGINT NOT NULL,
    -- Name of who allowed it.
    allowed_by TEXT NOT NULL,
    expires    BIGINT NOT NULL,
    -- How many wrong codes came.
    wrong      BIGINT NOT NULL,
    used       BIGINT
);

-- What the unblocking key of a phone is made of, besides a key that no table has: another one for each enrollment. None for phones that
-- enrolled before there was one.
ALTER TABLE phones ADD COLUMN unblocking_seed TEXT;
