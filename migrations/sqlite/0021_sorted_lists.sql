-- Lists are sorted by when something ends: for a phone, when the first of its present certificates does (the last one of each
-- slot that is issued or on hold); for a holder, when the first of their phones does. 9223372036854775807 where nothing ends.
ALTER TABLE phones ADD COLUMN next_end INTEGER NOT NULL DEFAULT 9223372036854775807;
ALTER TABLE holders ADD COLUMN next_end INTEGER NOT NULL DEFAULT 9223372036854775807;
UPDATE phones SET next_end = COALESCE(
    (SELECT MIN(latest) FROM (SELECT MAX(c.not_after) AS latest FROM certificates c
            WHERE c.phone_id = phones.id AND c.state IN ('issued', 'suspended') GROUP BY c.slot)), 9223372036854775807);
UPDATE holders SET next_end = COALESCE(
    (SELECT MIN(p.next_end) FROM phones p WHERE p.holder_id = holders.id), 9223372036854775807);
CREATE TRIGGER certificates_end AFTER UPDATE OF state ON certificates WHEN new.phone_id IS NOT NULL BEGIN
    UPDATE phones SET next_end = COALESCE(
        (SELECT MIN(latest) FROM (SELECT MAX(c.not_after) AS latest FROM certificates c
            WHERE c.phone_id = new.phone_id AND c.state IN ('issued', 'suspended') GROUP BY c.slot)), 9223372036854775807)
    WHERE id = new.phone_id;
END;
CREATE TRIGGER certificates_end_insert AFTER INSERT ON certificates
WHEN new.phone_id IS NOT NULL AND new.state IN ('issued', 'suspended') BEGIN
    UPDATE phones SET next_end = COALESCE(
        (SELECT MIN(latest) FROM (SELECT MAX(c.not_after) AS latest FROM certificates c
            WHERE c.phone_id = new.phone_id AND c.state IN ('issued', 'suspended') GROUP BY c.slot)), 9223372036854775807)
    WHERE id = new.phone_id;
END;
CREATE TRIGGER certificates_end_delete AFTER DELETE ON certificates WHEN old.phone_id IS NOT NULL BEGIN
    UPDATE phones SET next_end = COALESCE(
        (SELECT MIN(latest) FROM (SELECT MAX(c.not_after) AS latest FROM certificates c
            WHERE c.phone_id = old.phone_id AND c.state IN ('issued', 'suspended') GROUP BY c.slot)), 9223372036854775807)
    WHERE id = old.phone_id;
END;
CREATE TRIGGER phones_end AFTER UPDATE OF next_end ON phones WHEN old.next_end <> new.next_end BEGIN
    UPDATE holders SET next_end = COALESCE(
        (SELECT MIN(p.next_end) FROM phones p WHERE p.holder_id = new.holder_id), 9223372036854775807)
    WHERE id = new.holder_id;
END;

CREATE INDEX holders_ending ON holders (next_end, id);
CREATE INDEX holders_several_ending ON holders (next_end, id) WHERE phones > 1;
CREATE INDEX holders_suspended_ending ON holders (next_end, id) WHERE state = 'suspended';
CREATE INDEX phones_ending ON phones (next_end, id);
CREATE INDEX phones_state_ending ON phones (state, next_end, id);
-- By an expression, so that it is not taken for lists that have an index of their own.
CREATE INDEX certificates_ends ON certificates ((not_after + 0), id) WHERE phone_id IS NOT NULL;
CREATE INDEX certificates_fingerprint ON certificates (fingerprint) WHERE fingerprint IS NOT NULL;

-- The audit trail in the order of time: servers and clocks can differ from the order of the chain.
CREATE INDEX audit_events_at ON audit_events (at, sequence);
CREATE INDEX audit_events_actor ON audit_events (actor_id, at, sequence);
CREATE INDEX audit_events_source ON audit_events (source, at, sequence);
CREATE INDEX audit_events_of_kind ON audit_events (kind, at, sequence);
DROP INDEX audit_events_kind;
DROP INDEX audit_events_refused;
CREATE INDEX audit_events_about ON audit_events (object_kind, at, sequence);

-- What somebody chose in a list, or read from a file, until they have said yes to what is to be done with it: what is done is
-- done with what they saw, whatever the list has become meanwhile.
CREATE TABLE selections (
    id                TEXT PRIMARY KEY,
    administrator_id  TEXT NOT NULL,
    act               TEXT NOT NULL,
    -- JSON: ids, or people.
    chosen            TEXT NOT NULL,
    created           INTEGER NOT NULL
);
CREATE INDEX selections_created ON selections (created);
