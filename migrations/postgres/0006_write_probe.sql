-- One row, which a server writes from time to time to know whether the database takes writes.
CREATE TABLE write_probe (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    written_at  BIGINT NOT NULL
);
INSERT INTO write_probe (id, written_at) VALUES (1, 0);
