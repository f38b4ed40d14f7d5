-- In which language the pages of whoever signs in with an account are: a tag (BCP 47); none where the browser says it.
ALTER TABLE administrators ADD COLUMN language TEXT;
