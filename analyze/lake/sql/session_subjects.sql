-- session_subjects: the subjects that no unit is named after, with the units
-- that their sessions belong to.
CREATE OR REPLACE TEMP TABLE session_subjects AS
WITH open AS (SELECT * FROM subjects WHERE id IS NULL),
session_units AS (SELECT DISTINCT session_id, unit FROM test_rows WHERE session_id IN (SELECT session FROM open))
SELECT units.rowid AS id, session, session AS subject, name, value, occurred_at, received_at, units.assigned_at AS assigned_at
FROM open JOIN session_units ON session_units.session_id = open.session JOIN units ON units.unit = session_units.unit
