-- A card that its holder enrolls again is the same phone. Where it was enrolled more than once before, one row is kept (an
-- active one, the newest of them), and what belonged to the others is now its own.
UPDATE certificates SET phone_id = (
    SELECT kept.id FROM phones one JOIN phones kept ON kept.guid = one.guid WHERE one.id = certificates.phone_id
    ORDER BY CASE kept.state WHEN 'active' THEN 0 ELSE 1 END, kept.created DESC, kept.id DESC LIMIT 1
)
WHERE phone_id IN (SELECT id FROM phones WHERE guid IN (SELECT guid FROM phones GROUP BY guid HAVING COUNT(*) > 1));
UPDATE invitations SET phone_id = (
    SELECT kept.id FROM phones one JOIN phones kept ON kept.guid = one.guid WHERE one.id = invitations.phone_id
    ORDER BY CASE kept.state WHEN 'active' THEN 0 ELSE 1 END, kept.created DESC, kept.id DESC LIMIT 1
)
WHERE phone_id IN (SELECT id FROM phones WHERE guid IN (SELECT guid FROM phones GROUP BY guid HAVING COUNT(*) > 1));
DELETE FROM phones WHERE guid IN (SELECT guid FROM phones GROUP BY guid HAVING COUNT(*) > 1) AND id <> (
    SELECT kept.id FROM phones kept WHERE kept.guid = phones.guid
    ORDER BY CASE kept.state WHEN 'active' THEN 0 ELSE 1 END, kept.created DESC, kept.id DESC LIMIT 1
);
CREATE UNIQUE INDEX phones_guid ON phones (guid);
CREATE INDEX invitations_phone ON invitations (phone_id);

-- The mail address with its domain in ASCII (A-labels), as certificates carry it; "email" is as it was typed.
ALTER TABLE holders ADD COLUMN email_ascii TEXT NOT NULL DEFAULT '';
UPDATE holders SET email_ascii = email;
