-- In which language a person is written to: a tag (BCP 47).
ALTER TABLE holders ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
