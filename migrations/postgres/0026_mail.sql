-- Mail: rows of the outbox in the lane 'mail', in no order among themselves.
-- What the link of an invitation is made of, with a key that the database has encrypted; none if the link is made of nothing.
ALTER TABLE invitations ADD COLUMN link_seed TEXT;

-- An event for a webhook, or which mail.
ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'event';
-- The id of the invitation or phone that a mail is about, and where it goes.
ALTER TABLE outbox ADD COLUMN about TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN recipient TEXT NOT NULL DEFAULT '';
CREATE INDEX outbox_mail ON outbox (lane, next_attempt) WHERE state = 'waiting';
CREATE INDEX outbox_about ON outbox (about, created) WHERE about <> '';

-- What was left of webhooks that were removed while something happened.
DELETE FROM outbox WHERE lane NOT IN (SELECT id FROM webhooks);
