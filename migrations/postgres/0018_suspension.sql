-- Phones and people can be suspended, and people can leave. Who suspended a phone or a holder, since when and why: a phone is
-- suspended as long as one of the two is, so that resuming the one does not lift the other.
CREATE TABLE suspensions (
    object_kind  TEXT NOT NULL CHECK (object_kind IN ('holder', 'phone')),
    object_id    TEXT NOT NULL,
    since        BIGINT NOT NULL,
    -- Name of the administrator.
    suspended_by TEXT NOT NULL,
    note         TEXT NOT NULL,
    PRIMARY KEY (object_kind, object_id)
);

-- Both are locked from here on, so what servers that still run add meanwhile is counted once. What the stricter checks of
-- before let in is not read again.
ALTER TABLE phones DROP CONSTRAINT phones_state_check;
ALTER TABLE phones ADD CONSTRAINT phones_state_check CHECK (state IN ('active', 'suspended', 'revoked')) NOT VALID;
ALTER TABLE certificates DROP CONSTRAINT certificates_state_check;
ALTER TABLE certificates ADD CONSTRAINT certificates_state_check
    CHECK (state IN ('reserved', 'issued', 'suspended', 'revoked')) NOT VALID;
CREATE INDEX certificates_suspended ON certificates (reserved_at, id) WHERE phone_id IS NOT NULL AND state = 'suspended';

ALTER TABLE holders ADD COLUMN state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'gone'));
-- How many phones a holder has that are not revoked.
ALTER TABLE holders ADD COLUMN phones BIGINT NOT NULL DEFAULT 0;
UPDATE holders SET phones = found.phones
    FROM (SELECT holder_id, COUNT(*) AS phones FROM phones WHERE state <> 'revoked' GROUP BY holder_id) AS found
    WHERE found.holder_id = holders.id;
CREATE FUNCTION count_phone_of_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND old.state <> 'revoked' AND (TG_OP = 'DELETE' OR new.state = 'revoked') THEN
        UPDATE holders SET phones = phones - 1 WHERE id = old.holder_id;
    END IF;
    IF TG_OP <> 'DELETE' AND new.state <> 'revoked' AND (TG_OP = 'INSERT' OR old.state = 'revoked') THEN
        UPDATE holders SET phones = phones + 1 WHERE id = new.holder_id;
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER phones_of_holder AFTER INSERT OR DELETE OR UPDATE OF state ON phones
    FOR EACH ROW EXECUTE FUNCTION count_phone_of_holder();
-- A server of an earlier version knows no suspension: what it would bring back is refused.
CREATE FUNCTION refuse_suspended_phone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM suspensions WHERE object_kind = 'phone' AND object_id = new.id)
        OR EXISTS (SELECT 1 FROM holders WHERE id = new.holder_id AND state <> 'active') THEN
        RAISE EXCEPTION 'the phone or its holder is suspended or gone';
    END IF;
    RETURN new;
END;
$$;
CREATE TRIGGER phones_suspended BEFORE INSERT OR UPDATE OF state ON phones
    FOR EACH ROW WHEN (new.state = 'active') EXECUTE FUNCTION refuse_suspended_phone();
CREATE INDEX holders_suspended ON holders (name, id) WHERE state = 'suspended';
CREATE INDEX holders_gone ON holders (name, id) WHERE state = 'gone';
CREATE INDEX holders_without_phone ON holders (name, id) WHERE phones = 0 AND state = 'active';
CREATE INDEX holders_several_phones ON holders (name, id) WHERE phones > 1;
