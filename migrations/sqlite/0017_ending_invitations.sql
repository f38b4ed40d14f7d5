-- Invitations that end, by an index that a planner without statistics takes too: it went through all that are pending.
DROP INDEX invitations_ending;
CREATE INDEX invitations_ending ON invitations (state, expires, id);
