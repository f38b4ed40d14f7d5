-- Which authority issues the certificates of a profile; none: the one that issues now.
ALTER TABLE profiles ADD COLUMN issuer_id TEXT REFERENCES issuers (id);
