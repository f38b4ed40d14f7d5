-- The phone that the one enrolled with an invitation takes the place of.
ALTER TABLE invitations ADD COLUMN replaces TEXT;
CREATE INDEX invitations_replaces ON invitations (replaces, created, id) WHERE replaces IS NOT NULL;
