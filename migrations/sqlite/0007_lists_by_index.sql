-- Lists and counts of a million certificates, each by an index. The server's own certificates are in no list.
CREATE INDEX certificates_listed ON certificates (reserved_at, id) WHERE phone_id IS NOT NULL;
CREATE INDEX certificates_revoked ON certificates (reserved_at, id) WHERE phone_id IS NOT NULL AND state = 'revoked';
CREATE INDEX certificates_ending ON certificates (not_after, id, not_before)
    WHERE phone_id IS NOT NULL AND state = 'issued';
CREATE INDEX certificates_beginning ON certificates (not_before) WHERE phone_id IS NOT NULL AND state = 'issued';
CREATE INDEX certificates_serial ON certificates (serial);
CREATE INDEX revocations_latest ON revocations (revoked_at);
CREATE INDEX revocations_ending ON revocations (issuer_id, not_after);
CREATE INDEX holders_name ON holders (name, id);
CREATE INDEX phones_state ON phones (state, created, id);
CREATE INDEX invitations_state ON invitations (state, created, id);
CREATE INDEX invitations_ending ON invitations (expires, id) WHERE state = 'pending';
CREATE INDEX audit_events_kind ON audit_events (object_kind, sequence);

-- How many issued certificates of phones end on each day (days since 1970-01-01), as changes to be summed: nobody waits for
-- another who counts on the same day. From time to time the changes of a day are made one, under the name of a batch.
CREATE TABLE certificate_counts (
    day     INTEGER NOT NULL,
    change  INTEGER NOT NULL,
    batch   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX certificate_counts_day ON certificate_counts (day, change);
CREATE INDEX certificate_counts_batch ON certificate_counts (batch);
INSERT INTO certificate_counts (day, change)
    SELECT not_after / 86400000000, COUNT(*) FROM certificates
    WHERE phone_id IS NOT NULL AND state = 'issued' GROUP BY 1;
CREATE TRIGGER certificates_counted AFTER UPDATE OF state ON certificates
WHEN new.phone_id IS NOT NULL AND (old.state = 'issued') <> (new.state = 'issued') BEGIN
    INSERT INTO certificate_counts (day, change)
    VALUES (new.not_after / 86400000000, CASE new.state WHEN 'issued' THEN 1 ELSE -1 END);
END;
CREATE TRIGGER certificates_counted_insert AFTER INSERT ON certificates
WHEN new.phone_id IS NOT NULL AND new.state = 'issued' BEGIN
    INSERT INTO certificate_counts (day, change) VALUES (new.not_after / 86400000000, 1);
END;
CREATE TRIGGER certificates_counted_delete AFTER DELETE ON certificates
WHEN old.phone_id IS NOT NULL AND old.state = 'issued' BEGIN
    INSERT INTO certificate_counts (day, change) VALUES (old.not_after / 86400000000, -1);
END;

-- What people search for, by its trigrams: any three characters that stand next to each other. Before each line stand two
-- line breaks, so that its first character is in a trigram too. The texts have numbers of their own, since a table whose
-- key is a text is numbered afresh when the database is copied.
CREATE TABLE holder_texts (
    number  INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    search  TEXT NOT NULL
);
CREATE VIRTUAL TABLE holder_trigrams USING fts5(
    search, content = 'holder_texts', content_rowid = 'number', tokenize = 'trigram', detail = 'none', columnsize = 0
);
INSERT INTO holder_texts (id, search)
    SELECT id, char(10, 10) || replace(search, char(10), char(10, 10)) FROM holders;
INSERT INTO holder_trigrams (holder_trigrams) VALUES ('rebuild');
CREATE TRIGGER holder_texts_insert AFTER INSERT ON holder_texts BEGIN
    INSERT INTO holder_trigrams (rowid, search) VALUES (new.number, new.search);
END;
CREATE TRIGGER holder_texts_delete AFTER DELETE ON holder_texts BEGIN
    INSERT INTO holder_trigrams (holder_trigrams, rowid, search) VALUES ('delete', old.number, old.search);
END;
CREATE TRIGGER holders_texts_insert AFTER INSERT ON holders BEGIN
    INSERT INTO holder_texts (id, search)
    VALUES (new.id, char(10, 10) || replace(new.search, char(10), char(10, 10)));
END;
CREATE TRIGGER holders_texts_update AFTER UPDATE OF search ON holders BEGIN
    DELETE FROM holder_texts WHERE id = old.id;
    INSERT INTO holder_texts (id, search)
    VALUES (new.id, char(10, 10) || replace(new.search, char(10), char(10, 10)));
END;
CREATE TRIGGER holders_texts_delete AFTER DELETE ON holders BEGIN
    DELETE FROM holder_texts WHERE id = old.id;
END;
CREATE VIEW holder_search AS
    SELECT s.id, t.search FROM holder_trigrams t JOIN holder_texts s ON s.number = t.rowid;
CREATE TABLE phone_texts (
    number  INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    search  TEXT NOT NULL
);
CREATE VIRTUAL TABLE phone_trigrams USING fts5(
    search, content = 'phone_texts', content_rowid = 'number', tokenize = 'trigram', detail = 'none', columnsize = 0
);
INSERT INTO phone_texts (id, search)
    SELECT id, char(10, 10) || replace(search, char(10), char(10, 10)) FROM phones;
INSERT INTO phone_trigrams (phone_trigrams) VALUES ('rebuild');
CREATE TRIGGER phone_texts_insert AFTER INSERT ON phone_texts BEGIN
    INSERT INTO phone_trigrams (rowid, search) VALUES (new.number, new.search);
END;
CREATE TRIGGER phone_texts_delete AFTER DELETE ON phone_texts BEGIN
    INSERT INTO phone_trigrams (phone_trigrams, rowid, search) VALUES ('delete', old.number, old.search);
END;
CREATE TRIGGER phones_texts_insert AFTER INSERT ON phones BEGIN
    INSERT INTO phone_texts (id, search)
    VALUES (new.id, char(10, 10) || replace(new.search, char(10), char(10, 10)));
END;
CREATE TRIGGER phones_texts_update AFTER UPDATE OF search ON phones BEGIN
    DELETE FROM phone_texts WHERE id = old.id;
    INSERT INTO phone_texts (id, search)
    VALUES (new.id, char(10, 10) || replace(new.search, char(10), char(10, 10)));
END;
CREATE TRIGGER phones_texts_delete AFTER DELETE ON phones BEGIN
    DELETE FROM phone_texts WHERE id = old.id;
END;
CREATE VIEW phone_search AS
    SELECT s.id, t.search FROM phone_trigrams t JOIN phone_texts s ON s.number = t.rowid;
