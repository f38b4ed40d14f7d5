-- What a session's next page says once has one name, in the code and here.
ALTER TABLE sessions RENAME COLUMN flash TO notice;
