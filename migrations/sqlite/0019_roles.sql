-- Who works with the portal has a role. Whoever had an account before is an administrator.
ALTER TABLE administrators ADD COLUMN role TEXT NOT NULL DEFAULT 'administrator'
    CHECK (role IN ('administrator', 'officer', 'auditor'));
