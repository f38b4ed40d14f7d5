-- Both databases read this. Times are microseconds; the newest person was enrolled now, whatever the machine's clock says,
-- so that the server finds what it would find after two years of work.
CREATE TABLE clock (now BIGINT NOT NULL);
INSERT INTO clock SELECT last_seen FROM sessions LIMIT 1;
CREATE TABLE numbers (i BIGINT PRIMARY KEY, t BIGINT NOT NULL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250000)
INSERT INTO numbers SELECT n.i, clock.now - CAST(250000 - n.i AS BIGINT) * 252000000 FROM n, clock;

BEGIN;
INSERT INTO holders (id, name, email, upn, username, created, search)
SELECT 'h' || CAST(i AS TEXT), 'Person ' || CAST(i AS TEXT), 'p' || CAST(i AS TEXT) || '@example.org',
    'p' || CAST(i AS TEXT) || '@example.org', 'p' || CAST(i AS TEXT), t,
    'person ' || CAST(i AS TEXT) || '
p' || CAST(i AS TEXT) || '@example.org
p' || CAST(i AS TEXT) || '@example.org'
FROM numbers;
INSERT INTO phones (id, holder_id, name, guid, state, created, search)
SELECT 'p' || CAST(i AS TEXT), 'h' || CAST(i AS TEXT), 'Phone of Person ' || CAST(i AS TEXT),
    substr('00000000000000000000000000000000' || CAST(i * 7919 AS TEXT),
        length(CAST(i * 7919 AS TEXT)) + 1, 32),
    CASE i % 50 WHEN 0 THEN 'revoked' ELSE 'active' END, t,
    'phone of person ' || CAST(i AS TEXT) || '
' || substr('00000000000000000000000000000000' || CAST(i * 7919 AS TEXT), length(CAST(i * 7919 AS TEXT)) + 1, 32)
FROM numbers;
INSERT INTO certificates (id, issuer_id, serial, state, profile, profile_version, slot, holder_id, phone_id, subject,
    key_hash, algorithm, not_before, not_after, fingerprint, reserved_at, issued_at)
SELECT 'c' || s.slot || CAST(i AS TEXT), issuers.id, '4' || s.letter || '0000' || CAST(i AS TEXT),
    CASE i % 50 WHEN 0 THEN 'revoked' ELSE 'issued' END, 'piv-authentication', 1, s.slot, 'h' || CAST(i AS TEXT),
    'p' || CAST(i AS TEXT), 'CN=Person ' || CAST(i AS TEXT), s.slot || CAST(i AS TEXT), 'P-256', t, t + 31536000000000,
    s.slot || CAST(i AS TEXT), t, t
FROM numbers, issuers,
    (SELECT '9A' AS slot, 'a' AS letter UNION ALL SELECT '9C', 'b' UNION ALL SELECT '9D', 'c'
     UNION ALL SELECT '9E', 'd') AS s
WHERE issuers.role = 'issuing' ORDER BY i;
INSERT INTO revocations (issuer_id, serial, revoked_at, reason, not_after)
SELECT issuer_id, serial, reserved_at + 1000000, 'superseded', not_after FROM certificates
WHERE state = 'revoked' AND phone_id IS NOT NULL;
INSERT INTO invitations (id, holder_id, profile, policy_version, token_hash, state, created, created_by, expires)
SELECT 'i' || CAST(i AS TEXT), 'h' || CAST(i AS TEXT), 'compact', 1, 't' || CAST(i AS TEXT),
    CASE i % 10 WHEN 0 THEN 'pending' WHEN 1 THEN 'cancelled' ELSE 'used' END, t, 'Ada Admin', t + 604800000000
FROM numbers;
INSERT INTO audit_events (sequence, at, kind, actor_kind, actor_id, actor_name, object_kind, object_id, source, detail,
    hash)
SELECT audit_head.sequence + (i - 1) * 4 + s.number, t, s.kind, 'system', '', '', s.object,
    s.letter || CAST(i AS TEXT), '', '{}', ''
FROM numbers, audit_head,
    (SELECT 1 AS number, 'invitation-created' AS kind, 'invitation' AS object, 'i' AS letter
     UNION ALL SELECT 2, 'phone-enrolled', 'phone', 'p'
     UNION ALL SELECT 3, 'certificate-issued', 'certificate', 'c9A'
     UNION ALL SELECT 4, 'certificate-issued', 'certificate', 'c9C') AS s;
UPDATE audit_head SET sequence = (SELECT MAX(sequence) FROM audit_events);
-- What the periodic work makes of a day's changes, at once.
DELETE FROM certificate_counts;
INSERT INTO certificate_counts (day, change)
SELECT not_after / 86400000000, COUNT(*) FROM certificates
WHERE phone_id IS NOT NULL AND state = 'issued' GROUP BY 1;
DELETE FROM totals;
INSERT INTO totals (name, change) SELECT 'holders', COUNT(*) FROM holders;
INSERT INTO totals (name, change) SELECT 'phones-' || state, COUNT(*) FROM phones GROUP BY state;
COMMIT;
DROP TABLE numbers;
DROP TABLE clock;
ANALYZE;
