-- Both databases read this. Times are microseconds; the newest person was enrolled now, whatever the machine's clock says,
-- so that the server finds what it would find after two years of work. Triggers keep what they keep of a server's own rows,
-- but for when certificates end. Each part, behind three hyphens, is a transaction of its own.
--- names
CREATE TABLE clock (now BIGINT NOT NULL);
INSERT INTO clock SELECT last_seen FROM sessions LIMIT 1;
CREATE TABLE numbers (i BIGINT PRIMARY KEY, t BIGINT NOT NULL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250000)
INSERT INTO numbers SELECT n.i, clock.now - CAST(250000 - n.i AS BIGINT) * 252000000 FROM n, clock;

-- Names of several scripts, with what is searched (SQLite lowers ASCII alone) and what a mail address begins with.
CREATE TABLE words (script BIGINT NOT NULL, part TEXT NOT NULL, word TEXT NOT NULL, low TEXT NOT NULL, ascii TEXT NOT NULL);
INSERT INTO words VALUES
    (0, 'g', 'Anna', 'anna', 'anna'), (0, 'g', 'Björn', 'björn', 'bjoern'), (0, 'g', 'Chloé', 'chloé', 'chloe'),
    (0, 'g', 'David', 'david', 'david'), (0, 'g', 'Élise', 'élise', 'elise'), (0, 'g', 'Fatma', 'fatma', 'fatma'),
    (0, 'g', 'Grzegorz', 'grzegorz', 'grzegorz'), (0, 'g', 'Hana', 'hana', 'hana'), (0, 'g', 'Ines', 'ines', 'ines'),
    (0, 'g', 'Jürgen', 'jürgen', 'juergen'), (0, 'g', 'Katarzyna', 'katarzyna', 'katarzyna'),
    (0, 'g', 'Łukasz', 'łukasz', 'lukasz'), (0, 'g', 'Mary Jane', 'mary jane', 'mary'), (0, 'g', 'Nguyệt', 'nguyệt', 'nguyet'),
    (0, 'g', 'Óscar', 'óscar', 'oscar'), (0, 'g', 'Paul', 'paul', 'paul'), (0, 'g', 'Quentin', 'quentin', 'quentin'),
    (0, 'g', 'Rosa', 'rosa', 'rosa'), (0, 'g', 'Şebnem', 'şebnem', 'sebnem'), (0, 'g', 'Thomas', 'thomas', 'thomas'),
    (0, 'f', 'Åkesson', 'åkesson', 'akesson'), (0, 'f', 'Brown', 'brown', 'brown'), (0, 'f', 'Čapek', 'čapek', 'capek'),
    (0, 'f', 'D''Angelo', 'd''angelo', 'dangelo'), (0, 'f', 'Eriksen', 'eriksen', 'eriksen'),
    (0, 'f', 'Fernández', 'fernández', 'fernandez'), (0, 'f', 'Großmann', 'großmann', 'grossmann'),
    (0, 'f', 'Hansen', 'hansen', 'hansen'), (0, 'f', 'Ivanović', 'ivanović', 'ivanovic'), (0, 'f', 'Jones', 'jones', 'jones'),
    (0, 'f', 'Kowalski', 'kowalski', 'kowalski'), (0, 'f', 'Lefèvre', 'lefèvre', 'lefevre'),
    (0, 'f', 'Müller', 'müller', 'mueller'), (0, 'f', 'Novák', 'novák', 'novak'), (0, 'f', 'O''Neill', 'o''neill', 'oneill'),
    (0, 'f', 'Pérez', 'pérez', 'perez'), (0, 'f', 'Quist', 'quist', 'quist'), (0, 'f', 'Rossi', 'rossi', 'rossi'),
    (0, 'f', 'Smith', 'smith', 'smith'), (0, 'f', 'Trần', 'trần', 'tran'), (0, 'f', 'Ünal', 'ünal', 'uenal'),
    (0, 'f', 'van den Berg', 'van den berg', 'vandenberg'), (0, 'f', 'Weber-Schmidt', 'weber-schmidt', 'weberschmidt'),
    (0, 'f', 'Yılmaz', 'yılmaz', 'yilmaz'), (0, 'f', 'Zhang', 'zhang', 'zhang'),
    (1, 'g', 'Анна', 'анна', 'anna'), (1, 'g', 'Борис', 'борис', 'boris'), (1, 'g', 'Дмитрий', 'дмитрий', 'dmitri'),
    (1, 'g', 'Ольга', 'ольга', 'olga'), (1, 'f', 'Иванова', 'иванова', 'ivanova'), (1, 'f', 'Кузнецов', 'кузнецов', 'kuznetsov'),
    (1, 'f', 'Шевченко', 'шевченко', 'shevchenko'), (1, 'f', 'Ёлкин', 'ёлкин', 'yolkin'),
    (2, 'f', '王', '王', 'wang'), (2, 'f', '李', '李', 'li'), (2, 'f', '陈', '陈', 'chen'), (2, 'f', '欧阳', '欧阳', 'ouyang'),
    (2, 'g', '伟', '伟', 'wei'), (2, 'g', '小明', '小明', 'xiaoming'), (2, 'g', '秀英', '秀英', 'xiuying'), (2, 'g', '丽娜', '丽娜', 'lina'),
    (3, 'g', 'Αλέξανδρος', 'αλέξανδρος', 'alexandros'), (3, 'g', 'Μαρία', 'μαρία', 'maria'),
    (3, 'f', 'Παπαδόπουλος', 'παπαδόπουλος', 'papadopoulos'), (3, 'f', 'Νικολαΐδη', 'νικολαΐδη', 'nikolaidi'),
    (4, 'g', 'محمد', 'محمد', 'mohammed'), (4, 'g', 'فاطمة', 'فاطمة', 'fatima'), (4, 'f', 'الأحمد', 'الأحمد', 'alahmad'),
    (4, 'f', 'حسين', 'حسين', 'hussein'),
    (5, 'g', '민준', '민준', 'minjun'), (5, 'g', '서연', '서연', 'seoyeon'), (5, 'f', '김', '김', 'kim'), (5, 'f', '박', '박', 'park'),
    (6, 'g', 'प्रिया', 'प्रिया', 'priya'), (6, 'g', 'अर्जुन', 'अर्जुन', 'arjun'), (6, 'f', 'शर्मा', 'शर्मा', 'sharma'),
    (6, 'f', 'गुप्ता', 'गुप्ता', 'gupta');
-- Of ten people six have a Latin name.
CREATE TABLE names (kind BIGINT NOT NULL, n BIGINT NOT NULL, of BIGINT NOT NULL, name TEXT NOT NULL, low TEXT NOT NULL,
    ascii TEXT NOT NULL, PRIMARY KEY (kind, n));
INSERT INTO names
SELECT kinds.kind, ROW_NUMBER() OVER (PARTITION BY kinds.kind ORDER BY g.ascii, f.ascii) - 1,
    COUNT(*) OVER (PARTITION BY kinds.kind),
    CASE WHEN g.script IN (2, 5) THEN f.word || g.word ELSE g.word || ' ' || f.word END,
    CASE WHEN g.script IN (2, 5) THEN f.low || g.low ELSE g.low || ' ' || f.low END, g.ascii || '.' || f.ascii
FROM words g JOIN words f ON f.script = g.script AND f.part = 'f' AND g.part = 'g'
JOIN (SELECT 0 AS kind, 0 AS script UNION ALL SELECT 1, 0 UNION ALL SELECT 2, 0 UNION ALL SELECT 3, 0 UNION ALL SELECT 4, 0
    UNION ALL SELECT 5, 1 UNION ALL SELECT 6, 2 UNION ALL SELECT 7, 3 UNION ALL SELECT 8, 4 UNION ALL SELECT 9, 5
    UNION ALL SELECT 10, 6) AS kinds ON kinds.script = g.script;

--- colleagues
-- Two hundred colleagues, who do the work.
CREATE TABLE colleagues (n BIGINT PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL);
INSERT INTO colleagues SELECT n.i - 1, 'a' || CAST(n.i AS TEXT), m.name FROM numbers n
JOIN names m ON m.kind = n.i % 11 AND m.n = n.i % m.of WHERE n.i <= 200;

INSERT INTO administrators (id, name, email, password_hash, created, role, disabled, last_seen)
SELECT c.id, c.name, 'colleague' || CAST(c.n AS TEXT) || '@example.org', CASE WHEN c.n < 3 THEN '' ELSE a.password_hash END,
    clock.now - 63000000000000, CASE c.n % 4 WHEN 0 THEN 'administrator' WHEN 1 THEN 'auditor' ELSE 'officer' END,
    CASE c.n % 20 WHEN 7 THEN clock.now - 86400000000 END, CASE WHEN c.n > 5 THEN clock.now - c.n * 3600000000 END
FROM colleagues c, clock, administrators a WHERE a.email = 'ada@example.test';
--- people
-- One in fifty was let go, one in a hundred is suspended.
INSERT INTO holders (id, name, email, email_ascii, upn, username, created, search, language, state)
SELECT 'h' || CAST(n.i AS TEXT), m.name, m.ascii || CAST(n.i AS TEXT) || '@example.org',
    m.ascii || CAST(n.i AS TEXT) || '@example.org', m.ascii || CAST(n.i AS TEXT) || '@example.org',
    m.ascii || CAST(n.i AS TEXT), n.t, m.low || '
' || m.ascii || CAST(n.i AS TEXT) || '@example.org
' || m.ascii || CAST(n.i AS TEXT) || '@example.org', CASE n.i % 3 WHEN 0 THEN 'de' ELSE 'en' END,
    CASE WHEN n.i % 50 = 7 THEN 'gone' WHEN n.i % 100 = 9 THEN 'suspended' ELSE 'active' END
FROM numbers n JOIN names m ON m.kind = (n.i / 7) % 11 AND m.n = (n.i / 77) % m.of;
INSERT INTO suspensions (object_kind, object_id, since, suspended_by, note, until)
SELECT 'holder', 'h' || CAST(n.i AS TEXT), clock.now - 864000000000, 'Ada Admin', 'parental leave',
    CASE n.i % 200 WHEN 9 THEN clock.now + (n.i % 90 + 2) * 86400000000 END FROM numbers n, clock WHERE n.i % 100 = 9;

--- phones
-- As many phones as people: some have none, some two or three.
CREATE TABLE made (i BIGINT NOT NULL, t BIGINT NOT NULL, id TEXT PRIMARY KEY, number BIGINT NOT NULL, state TEXT NOT NULL);
INSERT INTO made
SELECT n.i, n.t, 'p' || CAST(n.i AS TEXT) || s.suffix, n.i * 4 + s.j,
    CASE WHEN n.i % 50 IN (3, 7) THEN 'revoked' WHEN n.i % 100 IN (9, 19) THEN 'suspended' ELSE 'active' END
FROM numbers n JOIN (SELECT 0 AS j, '' AS suffix UNION ALL SELECT 1, 'b' UNION ALL SELECT 2, 'c') AS s
    ON s.j = 0 AND n.i % 20 <> 0 AND n.i % 200 <> 10 OR s.j = 1 AND n.i % 20 = 1 OR s.j = 2 AND n.i % 200 = 1;
INSERT INTO phones (id, holder_id, name, guid, state, created, search, check_in_key, last_seen, app_version,
    key_protection, last_use, problems, revoked_at)
SELECT p.id, 'h' || CAST(p.i AS TEXT),
    CASE p.i % 4 WHEN 0 THEN 'Pixel ' ELSE 'Galaxy ' END || CAST(p.i % 9 + 1 AS TEXT),
    substr('4f1c2d3e0a1b4c2d8e3f000000000000' || CAST(p.number * 7919 AS TEXT),
        length(CAST(p.number * 7919 AS TEXT)) + 1, 32), p.state, p.t,
    CASE p.i % 4 WHEN 0 THEN 'pixel ' ELSE 'galaxy ' END || CAST(p.i % 9 + 1 AS TEXT) || '
' || substr('4f1c2d3e0a1b4c2d8e3f000000000000' || CAST(p.number * 7919 AS TEXT),
        length(CAST(p.number * 7919 AS TEXT)) + 1, 32),
    CASE WHEN p.number % 10 < 8 THEN issuers.certificate END,
    CASE WHEN p.number % 10 < 7 THEN clock.now - (clock.now - p.t) / 1000 * ((p.i * 7919) % 1000) END,
    CASE WHEN p.number % 10 < 7 THEN '1.2.' || CAST(p.i % 9 AS TEXT) END,
    CASE WHEN p.number % 10 < 7 THEN CASE p.i % 3 WHEN 0 THEN 'strongbox' ELSE 'tee' END END,
    CASE WHEN p.number % 10 < 6 THEN clock.now - (clock.now - p.t) / 1000 * ((p.i * 6007) % 1000) END, NULL,
    CASE p.state WHEN 'revoked' THEN p.t + 1000000 END
FROM made p, issuers, clock WHERE issuers.role = 'issuing' ORDER BY p.number;
INSERT INTO cards (guid, holder_id) SELECT guid, holder_id FROM phones;
INSERT INTO suspensions (object_kind, object_id, since, suspended_by, note, until)
SELECT 'phone', p.id, clock.now - 864000000000, 'Ada Admin', 'at the repair shop',
    CASE p.i % 200 WHEN 19 THEN clock.now + (p.i % 90 + 2) * 86400000000 END FROM made p, clock WHERE p.i % 100 = 19;

--- certificates
-- Four certificates a phone, which last a year: half have ended. One in ten of 9A was renewed, and the one before revoked.
INSERT INTO certificates (id, issuer_id, serial, state, profile, profile_version, slot, holder_id, phone_id, subject,
    key_hash, algorithm, not_before, not_after, fingerprint, reserved_at, issued_at)
SELECT 'c' || s.slot || p.id, issuers.id, '4' || s.letter || '0000' ||
        substr('0000000000' || CAST(p.number * 7919019 AS TEXT), length(CAST(p.number * 7919019 AS TEXT)) + 1, 10),
    CASE p.state WHEN 'active' THEN CASE s.letter WHEN 'e' THEN 'revoked' ELSE 'issued' END
        WHEN 'suspended' THEN CASE s.letter WHEN 'e' THEN 'revoked' ELSE 'suspended' END ELSE 'revoked' END,
    s.profile, 1, substr(s.slot, 1, 2), 'h' || CAST(p.i AS TEXT), p.id, 'CN=' || CAST(p.i AS TEXT), s.slot || p.id, 'P-256',
    p.t - s.before, p.t - s.before + 31536000000000,
    '5e' || s.letter || '0' || substr('000000000000000000000000000000000000000000000000000000000000' || CAST(p.number * 7919019 AS TEXT),
        length(CAST(p.number * 7919019 AS TEXT)) + 1, 60), p.t - s.before, p.t - s.before
FROM made p JOIN (SELECT '9A' AS slot, 'a' AS letter, 'piv-authentication' AS profile, CAST(0 AS BIGINT) AS before
    UNION ALL SELECT '9C', 'b', 'digital-signature', 0 UNION ALL SELECT '9D', 'c', 'key-management', 0
    UNION ALL SELECT '9E', 'd', 'card-authentication', 0
    UNION ALL SELECT '9A-', 'e', 'piv-authentication', 2592000000000) AS s ON s.letter <> 'e' OR p.i % 10 = 5
JOIN issuers ON issuers.role = 'issuing' ORDER BY p.number;
--- certificates' files
INSERT INTO certificate_bodies (certificate_id, recorded, issued)
SELECT c.id, b.issued, b.issued FROM certificates c, certificate_bodies b
WHERE c.phone_id IS NOT NULL AND b.certificate_id = (SELECT o.id FROM certificates o WHERE o.phone_id IS NULL
    AND o.profile = 'tls-server' LIMIT 1);
INSERT INTO certified_keys (key_hash, claimed_by, created)
SELECT key_hash, phone_id, reserved_at FROM certificates WHERE phone_id IS NOT NULL;
--- revocations and invitations
INSERT INTO revocations (issuer_id, serial, revoked_at, reason, not_after)
SELECT issuer_id, serial, reserved_at + 1000000, 'superseded', not_after FROM certificates
WHERE state = 'revoked' AND phone_id IS NOT NULL;

INSERT INTO invitations (id, holder_id, profile, policy_version, token_hash, state, created, created_by, expires, used_at,
    cancelled_at, phone_id)
SELECT 'i' || CAST(n.i AS TEXT), 'h' || CAST(n.i AS TEXT), CASE n.i % 3 WHEN 0 THEN 'standard' ELSE 'compact' END, 1,
    't' || CAST(n.i AS TEXT), CASE WHEN p.id IS NOT NULL THEN 'used' WHEN n.i % 40 = 0 THEN 'cancelled' ELSE 'pending' END, n.t,
    c.name, n.t + 604800000000, CASE WHEN p.id IS NOT NULL THEN n.t + 60000000 END,
    CASE WHEN p.id IS NULL AND n.i % 40 = 0 THEN n.t + 60000000 END, p.id
FROM numbers n JOIN colleagues c ON c.n = n.i % 200 LEFT JOIN made p ON p.id = 'p' || CAST(n.i AS TEXT);
UPDATE invitations SET token_hash = 'd29bdba926d561fea0b1691b0299bace05f7074961bf962d8b5b8c00c8ab10bf' WHERE id = 'i249980';
-- Every fifth person has asked for another phone; of the newest two weeks' requests some wait.
INSERT INTO holder_requests (id, holder_id, policy, reason, came_by, name, email, upn, approvals, state, created, expires,
    ended, ended_by, invitation_id)
SELECT 'r' || CAST(n.i AS TEXT), h.id, 'compact', 'a second phone', CASE n.i % 2 WHEN 0 THEN 'mail' ELSE 'phone' END, h.name,
    h.email, h.upn, 1, CASE WHEN n.i > 247000 THEN 'waiting' WHEN n.i % 25 = 1 THEN 'refused' WHEN n.i % 25 = 6 THEN 'withdrawn'
        WHEN n.i % 25 = 11 THEN 'expired' WHEN n.i % 25 = 16 THEN 'closed' ELSE 'approved' END,
    n.t, n.t + 2592000000000, CASE WHEN n.i <= 247000 THEN n.t + 60000000 END,
    CASE WHEN n.i <= 247000 THEN 'Ada Admin' ELSE '' END, CASE WHEN n.i % 25 = 21 THEN 'i' || CAST(n.i AS TEXT) END
FROM numbers n JOIN holders h ON h.id = 'h' || CAST(n.i AS TEXT) WHERE n.i % 5 = 1;
--- events
INSERT INTO audit_events (sequence, at, kind, actor_kind, actor_id, actor_name, object_kind, object_id, source, detail,
    hash)
SELECT audit_head.sequence + (n.i - 1) * 4 + s.number, n.t, s.kind, s.actor,
    CASE s.actor WHEN 'administrator' THEN c.id WHEN 'invitation' THEN 'i' || CAST(n.i AS TEXT) ELSE '' END,
    CASE s.actor WHEN 'administrator' THEN c.name ELSE '' END, s.object,
    s.letter || CASE s.object WHEN 'certificate' THEN 'p' ELSE '' END || CAST(n.i AS TEXT),
    CASE s.actor WHEN 'system' THEN '' ELSE '192.0.2.' || CAST(n.i % 200 AS TEXT) END, '{}', ''
FROM numbers n JOIN colleagues c ON c.n = n.i % 200, audit_head,
    (SELECT 1 AS number, 'invitation-created' AS kind, 'administrator' AS actor, 'invitation' AS object, 'i' AS letter
     UNION ALL SELECT 2, 'phone-enrolled', 'invitation', 'phone', 'p'
     UNION ALL SELECT 3, 'certificate-issued', 'system', 'certificate', 'c9A'
     UNION ALL SELECT 4, 'certificate-issued', 'system', 'certificate', 'c9C') AS s;
UPDATE audit_head SET sequence = (SELECT MAX(sequence) FROM audit_events);
-- What is rare: sign-ins, some of them refused, and phones that are suspended.
INSERT INTO audit_events (sequence, at, kind, actor_kind, actor_id, actor_name, object_kind, object_id, source, detail,
    hash)
SELECT audit_head.sequence + n.i, n.t, CASE WHEN n.i % 100 = 19 THEN 'phone-suspended' WHEN n.i % 4 = 0 THEN 'sign-in'
        ELSE 'sign-in-refused' END,
    CASE WHEN n.i % 100 = 19 OR n.i % 4 = 0 THEN 'administrator' ELSE 'anonymous' END,
    CASE WHEN n.i % 100 = 19 OR n.i % 4 = 0 THEN c.id ELSE '' END,
    CASE WHEN n.i % 100 = 19 OR n.i % 4 = 0 THEN c.name ELSE '' END,
    CASE WHEN n.i % 100 = 19 THEN 'phone' ELSE 'administrator' END,
    CASE WHEN n.i % 100 = 19 THEN 'p' || CAST(n.i AS TEXT) ELSE c.id END, '192.0.2.' || CAST(n.i % 200 AS TEXT), '{}', ''
FROM numbers n JOIN colleagues c ON c.n = n.i % 200, audit_head WHERE n.i % 100 IN (8, 17, 19);
UPDATE audit_head SET sequence = (SELECT MAX(sequence) FROM audit_events);

--- deliveries
-- Of the last thirty days, after which deliveries are forgotten.
INSERT INTO webhooks (id, url, objects, created, created_by, disabled)
SELECT 'w' || CAST(n.i AS TEXT), 'https://hooks.example.org/' || CAST(n.i AS TEXT), ' phone certificate holder ', clock.now,
    'Ada Admin', clock.now FROM numbers n, clock WHERE n.i <= 3;
INSERT INTO outbox (id, lane, sequence, created, state, attempts, next_attempt, settled, outcome, answer)
SELECT 'o' || CAST(n.i AS TEXT), 'w' || CAST(n.i % 3 + 1 AS TEXT), n.i * 4, clock.now - CAST(250000 - n.i AS BIGINT) * 10000000,
    CASE n.i % 500 WHEN 0 THEN 'failed' ELSE 'delivered' END, 1, 0, clock.now - CAST(250000 - n.i AS BIGINT) * 10000000,
    CASE n.i % 500 WHEN 0 THEN 'unreachable' ELSE 'taken' END, '' FROM numbers n, clock WHERE n.i > 50000;
INSERT INTO outbox (id, lane, sequence, created, state, attempts, next_attempt, settled, outcome, answer, kind, about,
    recipient)
SELECT 'm' || CAST(n.i AS TEXT), 'mail', 0, clock.now - CAST(250000 - n.i AS BIGINT) * 10000000,
    CASE n.i % 500 WHEN 0 THEN 'failed' ELSE 'delivered' END, 1, 0, clock.now - CAST(250000 - n.i AS BIGINT) * 10000000,
    CASE n.i % 500 WHEN 0 THEN 'rejected' ELSE 'taken' END, '', 'invitation', 'i' || CAST(n.i AS TEXT),
    'p' || CAST(n.i AS TEXT) || '@example.org' FROM numbers n, clock WHERE n.i > 240000;
INSERT INTO api_tokens (id, token_hash, name, scopes, created, created_by, expires, revoked, last_used)
SELECT 't' || CAST(n.i AS TEXT), 't' || CAST(n.i AS TEXT), 'Program ' || CAST(n.i AS TEXT), 'read', clock.now, 'Ada Admin',
    clock.now + 86400000000, CASE n.i % 3 WHEN 0 THEN clock.now END, clock.now FROM numbers n, clock WHERE n.i <= 50;

--- sums
-- As migration 0030 does: a check-in keeps it, and not a trigger.
UPDATE holders SET last_seen = COALESCE((SELECT MAX(p.last_seen) FROM phones p WHERE p.holder_id = holders.id), 0)
    WHERE EXISTS (SELECT 1 FROM phones p WHERE p.holder_id = holders.id AND p.last_seen IS NOT NULL);
-- What the periodic work makes of a day's changes, at once.
DELETE FROM certificate_counts;
INSERT INTO certificate_counts (day, change)
SELECT not_after / 86400000000, COUNT(*) FROM certificates
WHERE phone_id IS NOT NULL AND state = 'issued' GROUP BY 1;
DELETE FROM totals;
INSERT INTO totals (name, change) SELECT 'holders', COUNT(*) FROM holders;
INSERT INTO totals (name, change) SELECT 'phones-' || state, COUNT(*) FROM phones GROUP BY state;
-- Links work for minutes only: from now on, which the command writes here.
INSERT INTO password_links (token_hash, administrator_id, made_by, state, created, expires)
SELECT '1835cd069b3aad7e1c456e8b879de6665fa46557abf3010f867c0039fdc81d73', 'a1', a.id, 'open', {now}, {now} + 600000000 FROM administrators a WHERE a.email = 'ada@example.test';
INSERT INTO holder_links (id, token_hash, holder_id, expires)
VALUES ('l1', 'f546861b60646df35aac790c3121e9fd41ea5f2b86143a5113d6d52612d68cfb', 'h123401', {now} + 600000000),
    ('l2', '6c505ffe1a5df478d90b690e698a75227b3cf7463eb54baa006f3e8ea8898a6b', 'h123401', {now} + 600000000);
DROP TABLE made;
DROP TABLE colleagues;
DROP TABLE names;
DROP TABLE words;
DROP TABLE numbers;
DROP TABLE clock;
