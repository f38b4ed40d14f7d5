-- Holders by their mail address: upper and lower case are the same.
CREATE INDEX holders_mail ON holders (lower(email_ascii));
