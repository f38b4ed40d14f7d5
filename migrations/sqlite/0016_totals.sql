-- How many holders and phones there are, as changes to be summed: the overview of a large installation counts no rows.
-- From time to time the changes of a name are made one, under the name of a batch.
CREATE TABLE totals (
    name    TEXT NOT NULL,
    change  INTEGER NOT NULL,
    batch   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX totals_name ON totals (name, change);
CREATE INDEX totals_batch ON totals (batch);
INSERT INTO totals (name, change) SELECT 'holders', COUNT(*) FROM holders;
INSERT INTO totals (name, change) SELECT 'phones-' || state, COUNT(*) FROM phones GROUP BY state;
CREATE TRIGGER holders_counted_insert AFTER INSERT ON holders BEGIN
    INSERT INTO totals (name, change) VALUES ('holders', 1);
END;
CREATE TRIGGER holders_counted_delete AFTER DELETE ON holders BEGIN
    INSERT INTO totals (name, change) VALUES ('holders', -1);
END;
CREATE TRIGGER phones_counted AFTER UPDATE OF state ON phones WHEN old.state <> new.state BEGIN
    INSERT INTO totals (name, change) VALUES ('phones-' || old.state, -1), ('phones-' || new.state, 1);
END;
CREATE TRIGGER phones_counted_insert AFTER INSERT ON phones BEGIN
    INSERT INTO totals (name, change) VALUES ('phones-' || new.state, 1);
END;
CREATE TRIGGER phones_counted_delete AFTER DELETE ON phones BEGIN
    INSERT INTO totals (name, change) VALUES ('phones-' || old.state, -1);
END;
