DROP TRIGGER holders_counted ON holders; DROP TRIGGER phones_counted ON phones;
DROP FUNCTION count_holder; DROP FUNCTION count_phone; DROP TABLE totals; DROP INDEX invitations_ending;
CREATE INDEX invitations_ending ON invitations (expires, id) WHERE state = 'pending';
DROP TRIGGER phones_suspended ON phones; DROP FUNCTION refuse_suspended_phone;
DROP TRIGGER phones_of_holder ON phones; DROP FUNCTION count_phone_of_holder; DROP TABLE suspensions;
DROP INDEX certificates_suspended; ALTER TABLE holders DROP COLUMN state, DROP COLUMN phones;
ALTER TABLE administrators DROP COLUMN role, DROP COLUMN disabled, DROP COLUMN last_seen;
DROP TABLE password_links;
DELETE FROM _sqlx_migrations WHERE version > 15
