-- What people search for, as letters and digits alone: a sign is the letter z and another, and z itself is z0. So a sign is in
-- trigrams as a letter is, whatever a database takes for a word, and none means anything in a pattern. A line begins with one
-- line break. What is found so is compared with the text itself.
-- In two steps: earlier versions of SQLite read no expression that is nested as deeply as one.
DROP VIEW holder_search;
DROP VIEW phone_search;
CREATE VIEW searchable AS
    SELECT kind, id, replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(search,
        ':', 'zr'), ';', 'zs'), '<', 'zt'), '=', 'zu'), '>', 'zv'), '?', 'zw'), '@', 'zx'), '[', 'zy'),
        '\', 'z1'), ']', 'z2'), '^', 'z3'), '_', 'z4'), '`', 'z5'), '{', 'z6'), '|', 'z7'), '}', 'z8'),
        '~', 'z9') AS search
    FROM (SELECT kind, id, replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(char(10) || search,
        'z', 'z0'), char(10), 'za'), ' ', 'zb'), '!', 'zc'), '"', 'zd'), '#', 'ze'), '$', 'zf'), '%', 'zg'),
        '&', 'zh'), '''', 'zi'), '(', 'zj'), ')', 'zk'), '*', 'zl'), '+', 'zm'), ',', 'zn'), '-', 'zo'),
        '.', 'zp'), '/', 'zq') AS search
        FROM (SELECT 'holder' AS kind, id, search FROM holders UNION ALL SELECT 'phone', id, search FROM phones));
DROP TRIGGER holders_texts_insert;
DROP TRIGGER holders_texts_update;
CREATE TRIGGER holders_texts_insert AFTER INSERT ON holders BEGIN
    INSERT INTO holder_texts (id, search) SELECT id, search FROM searchable WHERE kind = 'holder' AND id = new.id;
END;
CREATE TRIGGER holders_texts_update AFTER UPDATE OF search ON holders BEGIN
    DELETE FROM holder_texts WHERE id = old.id;
    INSERT INTO holder_texts (id, search) SELECT id, search FROM searchable WHERE kind = 'holder' AND id = new.id;
END;
DROP TRIGGER holder_texts_insert;
DROP TRIGGER holder_texts_delete;
DELETE FROM holder_texts;
INSERT INTO holder_texts (id, search) SELECT id, search FROM searchable WHERE kind = 'holder';
INSERT INTO holder_trigrams (holder_trigrams) VALUES ('rebuild');
CREATE TRIGGER holder_texts_insert AFTER INSERT ON holder_texts BEGIN
    INSERT INTO holder_trigrams (rowid, search) VALUES (new.number, new.search);
END;
CREATE TRIGGER holder_texts_delete AFTER DELETE ON holder_texts BEGIN
    INSERT INTO holder_trigrams (holder_trigrams, rowid, search) VALUES ('delete', old.number, old.search);
END;
DROP TRIGGER phones_texts_insert;
DROP TRIGGER phones_texts_update;
CREATE TRIGGER phones_texts_insert AFTER INSERT ON phones BEGIN
    INSERT INTO phone_texts (id, search) SELECT id, search FROM searchable WHERE kind = 'phone' AND id = new.id;
END;
CREATE TRIGGER phones_texts_update AFTER UPDATE OF search ON phones BEGIN
    DELETE FROM phone_texts WHERE id = old.id;
    INSERT INTO phone_texts (id, search) SELECT id, search FROM searchable WHERE kind = 'phone' AND id = new.id;
END;
DROP TRIGGER phone_texts_insert;
DROP TRIGGER phone_texts_delete;
DELETE FROM phone_texts;
INSERT INTO phone_texts (id, search) SELECT id, search FROM searchable WHERE kind = 'phone';
INSERT INTO phone_trigrams (phone_trigrams) VALUES ('rebuild');
CREATE TRIGGER phone_texts_insert AFTER INSERT ON phone_texts BEGIN
    INSERT INTO phone_trigrams (rowid, search) VALUES (new.number, new.search);
END;
CREATE TRIGGER phone_texts_delete AFTER DELETE ON phone_texts BEGIN
    INSERT INTO phone_trigrams (phone_trigrams, rowid, search) VALUES ('delete', old.number, old.search);
END;
CREATE VIEW holder_search AS
    SELECT s.id, t.search, char(10) || o.search AS plain FROM holder_trigrams t
    JOIN holder_texts s ON s.number = t.rowid JOIN holders o ON o.id = s.id;
CREATE VIEW phone_search AS
    SELECT s.id, t.search, char(10) || o.search AS plain FROM phone_trigrams t
    JOIN phone_texts s ON s.number = t.rowid JOIN phones o ON o.id = s.id;
