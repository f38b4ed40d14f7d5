DROP TRIGGER holders_counted ON holders; DROP TRIGGER phones_counted ON phones;
DROP FUNCTION count_holder; DROP FUNCTION count_phone; DROP TABLE totals; DROP INDEX invitations_ending;
CREATE INDEX invitations_ending ON invitations (expires, id) WHERE state = 'pending';
DROP TRIGGER certificates_end ON certificates; DROP TRIGGER certificates_end_insert ON certificates;
DROP TRIGGER certificates_end_delete ON certificates; DROP FUNCTION note_end_of_phone;
DROP TRIGGER phones_end ON phones; DROP FUNCTION note_end_of_holder;
DROP INDEX certificates_ends; DROP INDEX certificates_fingerprint; ALTER TABLE phones DROP COLUMN next_end;
DROP INDEX audit_events_at; DROP INDEX audit_events_actor; DROP INDEX audit_events_source;
DROP INDEX audit_events_of_kind; DROP INDEX audit_events_about;
CREATE INDEX audit_events_kind ON audit_events (object_kind, sequence);
CREATE INDEX audit_events_refused ON audit_events (at) WHERE kind = 'sign-in-refused';
DROP TRIGGER phones_suspended ON phones; DROP FUNCTION refuse_suspended_phone;
DROP TRIGGER phones_of_holder ON phones; DROP FUNCTION count_phone_of_holder; DROP TABLE suspensions;
DROP INDEX certificates_suspended; ALTER TABLE holders DROP COLUMN state, DROP COLUMN phones, DROP COLUMN next_end;
ALTER TABLE administrators DROP COLUMN role, DROP COLUMN disabled, DROP COLUMN last_seen;
DROP TABLE password_links; DROP TABLE selections;
DELETE FROM _sqlx_migrations WHERE version > 15
