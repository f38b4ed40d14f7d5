-- Phones and people can be suspended, and people can leave. Who suspended a phone or a holder, since when and why: a phone is
-- suspended as long as one of the two is, so that resuming the one does not lift the other.
CREATE TABLE suspensions (
    object_kind  TEXT NOT NULL CHECK (object_kind IN ('holder', 'phone')),
    object_id    TEXT NOT NULL,
    since        INTEGER NOT NULL,
    -- Name of the administrator.
    suspended_by TEXT NOT NULL,
    note         TEXT NOT NULL,
    PRIMARY KEY (object_kind, object_id)
);

-- A check cannot be changed but in the text of the table, as SQLite describes it ("Making Other Kinds Of Table Schema
-- Changes"); what is stored stays as it is.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '(''active'', ''revoked'')', '(''active'', ''suspended'', ''revoked'')')
    WHERE type = 'table' AND name = 'phones';
UPDATE sqlite_schema
    SET sql = replace(sql, '(''reserved'', ''issued'', ''revoked'')', '(''reserved'', ''issued'', ''suspended'', ''revoked'')')
    WHERE type = 'table' AND name = 'certificates';
PRAGMA writable_schema = RESET;
CREATE INDEX certificates_suspended ON certificates (reserved_at, id) WHERE phone_id IS NOT NULL AND state = 'suspended';

ALTER TABLE holders ADD COLUMN state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'gone'));
-- How many phones a holder has that are not revoked.
ALTER TABLE holders ADD COLUMN phones INTEGER NOT NULL DEFAULT 0;
UPDATE holders SET phones = (SELECT COUNT(*) FROM phones p WHERE p.holder_id = holders.id AND p.state <> 'revoked');
CREATE TRIGGER phones_of_holder AFTER UPDATE OF state ON phones WHEN (old.state = 'revoked') <> (new.state = 'revoked') BEGIN
    UPDATE holders SET phones = phones + CASE new.state WHEN 'revoked' THEN -1 ELSE 1 END WHERE id = new.holder_id;
END;
CREATE TRIGGER phones_of_holder_insert AFTER INSERT ON phones WHEN new.state <> 'revoked' BEGIN
    UPDATE holders SET phones = phones + 1 WHERE id = new.holder_id;
END;
CREATE TRIGGER phones_of_holder_delete AFTER DELETE ON phones WHEN old.state <> 'revoked' BEGIN
    UPDATE holders SET phones = phones - 1 WHERE id = old.holder_id;
END;
-- A server of an earlier version knows no suspension: what it would bring back is refused.
CREATE TRIGGER phones_suspended BEFORE UPDATE OF state ON phones WHEN new.state = 'active' AND (
    EXISTS (SELECT 1 FROM suspensions WHERE object_kind = 'phone' AND object_id = new.id)
    OR EXISTS (SELECT 1 FROM holders WHERE id = new.holder_id AND state <> 'active')) BEGIN
    SELECT RAISE(ABORT, 'the phone or its holder is suspended or gone');
END;
CREATE TRIGGER phones_suspended_insert BEFORE INSERT ON phones WHEN new.state = 'active' AND
    EXISTS (SELECT 1 FROM holders WHERE id = new.holder_id AND state <> 'active') BEGIN
    SELECT RAISE(ABORT, 'the phone or its holder is suspended or gone');
END;
CREATE INDEX holders_suspended ON holders (name, id) WHERE state = 'suspended';
CREATE INDEX holders_gone ON holders (name, id) WHERE state = 'gone';
CREATE INDEX holders_without_phone ON holders (name, id) WHERE phones = 0 AND state = 'active';
CREATE INDEX holders_several_phones ON holders (name, id) WHERE phones > 1;
