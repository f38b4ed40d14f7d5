-- What people call a policy, in the organisation's own language. The two that every installation begins with have none:
-- the catalogue of words has their titles, in every language. Any other must have one.
ALTER TABLE enrollment_policies ADD COLUMN title TEXT;

-- The version of the policy (its name is in "profile") that an invitation was made with. Those from before were made
-- with the first.
ALTER TABLE invitations ADD COLUMN policy_version INTEGER NOT NULL DEFAULT 1;
