-- How many holders and phones there are, as changes to be summed: the overview of a large installation counts no rows, and
-- nobody waits for another who counts the same. From time to time the changes of a name are made one, under the name of a
-- batch.
CREATE TABLE totals (
    name    TEXT NOT NULL,
    change  BIGINT NOT NULL,
    batch   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX totals_name ON totals (name, change);
CREATE INDEX totals_batch ON totals (batch);
-- What servers that still run add meanwhile is counted once.
LOCK TABLE holders, phones IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO totals (name, change) SELECT 'holders', COUNT(*) FROM holders;
INSERT INTO totals (name, change) SELECT 'phones-' || state, COUNT(*) FROM phones GROUP BY state;
CREATE FUNCTION count_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO totals (name, change) VALUES ('holders', CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END);
    RETURN NULL;
END;
$$;
CREATE TRIGGER holders_counted AFTER INSERT OR DELETE ON holders FOR EACH ROW EXECUTE FUNCTION count_holder();
CREATE FUNCTION count_phone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO totals (name, change) VALUES ('phones-' || old.state, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO totals (name, change) VALUES ('phones-' || new.state, 1);
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER phones_counted AFTER INSERT OR DELETE OR UPDATE OF state ON phones
    FOR EACH ROW EXECUTE FUNCTION count_phone();
