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
    day     BIGINT NOT NULL,
    change  BIGINT NOT NULL,
    batch   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX certificate_counts_day ON certificate_counts (day, change);
CREATE INDEX certificate_counts_batch ON certificate_counts (batch);
INSERT INTO certificate_counts (day, change)
    SELECT not_after / 86400000000, COUNT(*) FROM certificates
    WHERE phone_id IS NOT NULL AND state = 'issued' GROUP BY 1;
CREATE FUNCTION count_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND old.phone_id IS NOT NULL AND old.state = 'issued' THEN
        INSERT INTO certificate_counts (day, change) VALUES (old.not_after / 86400000000, -1);
    END IF;
    IF TG_OP <> 'DELETE' AND new.phone_id IS NOT NULL AND new.state = 'issued' THEN
        INSERT INTO certificate_counts (day, change) VALUES (new.not_after / 86400000000, 1);
    END IF;
    RETURN NULL;
END;
$$;
CREATE TRIGGER certificates_counted AFTER INSERT OR DELETE OR UPDATE OF state ON certificates
    FOR EACH ROW EXECUTE FUNCTION count_certificate();

-- What people search for, by its trigrams. Before each line stand two line breaks, as in the other dialect. The extension
-- is PostgreSQL's own; where it is not installed or not allowed, a search is right and slow.
CREATE VIEW holder_search AS SELECT id, E'\n\n' || replace(search, E'\n', E'\n\n') AS search FROM holders;
CREATE VIEW phone_search AS SELECT id, E'\n\n' || replace(search, E'\n', E'\n\n') AS search FROM phones;
DO $$
DECLARE
    place text;
BEGIN
    BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
    EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
        RAISE WARNING 'without the extension pg_trgm, searching a long list is slow';
    END;
    SELECT n.nspname INTO place FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_trgm';
    IF place IS NOT NULL THEN
        EXECUTE format(
            'CREATE INDEX holders_trigrams ON holders USING gin ((%L || replace(search, %L, %L)) %I.gin_trgm_ops)',
            E'\n\n', E'\n', E'\n\n', place);
        EXECUTE format(
            'CREATE INDEX phones_trigrams ON phones USING gin ((%L || replace(search, %L, %L)) %I.gin_trgm_ops)',
            E'\n\n', E'\n', E'\n\n', place);
    END IF;
END;
$$;
