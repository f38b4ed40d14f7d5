-- What people search for, as letters and digits alone: a sign is the letter z and another, and z itself is z0. So a sign is in
-- trigrams as a letter is, whatever a database takes for a word, and none means anything in a pattern. A line begins with one
-- line break. What is found so is compared with the text itself.
DROP VIEW holder_search;
DROP VIEW phone_search;
DROP INDEX IF EXISTS holders_trigrams;
DROP INDEX IF EXISTS phones_trigrams;
CREATE FUNCTION searchable(line text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(E'\n' || line,
        'z', 'z0'), E'\n', 'za'), ' ', 'zb'), '!', 'zc'), '"', 'zd'), '#', 'ze'), '$', 'zf'), '%', 'zg'),
        '&', 'zh'), '''', 'zi'), '(', 'zj'), ')', 'zk'), '*', 'zl'), '+', 'zm'), ',', 'zn'), '-', 'zo'),
        '.', 'zp'), '/', 'zq'), ':', 'zr'), ';', 'zs'), '<', 'zt'), '=', 'zu'), '>', 'zv'), '?', 'zw'),
        '@', 'zx'), '[', 'zy'), '\', 'z1'), ']', 'z2'), '^', 'z3'), '_', 'z4'), '`', 'z5'), '{', 'z6'),
        '|', 'z7'), '}', 'z8'), '~', 'z9')
$$;
CREATE VIEW holder_search AS SELECT id, searchable(search) AS search, E'\n' || search AS plain FROM holders;
CREATE VIEW phone_search AS SELECT id, searchable(search) AS search, E'\n' || search AS plain FROM phones;
DO $$
DECLARE
    place text;
BEGIN
    SELECT n.nspname INTO place FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
        WHERE e.extname = 'pg_trgm';
    IF place IS NOT NULL THEN
        EXECUTE format('CREATE INDEX holders_trigrams ON holders USING gin (searchable(search) %I.gin_trgm_ops)', place);
        EXECUTE format('CREATE INDEX phones_trigrams ON phones USING gin (searchable(search) %I.gin_trgm_ops)', place);
    END IF;
END;
$$;
