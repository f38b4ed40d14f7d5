-- One row, which a server writes from time to time to know whether the database takes writes.
CREATE TABLE write_probe (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    written_at  INTEGER NOT NULL
);
INSERT INTO write_probe (id, written_at) VALUES (1, 0);
