-- subjects: a row an outcome that was reported on a session, with the unit of
-- that very name.
-- Columns: id: the unit's row in units, null where no unit has the session's
-- name; session: null where id is not; subject: what it was reported on, null
-- for the unit itself; name, value, occurred_at, received_at; assigned_at, of
-- the unit.
CREATE OR REPLACE TEMP TABLE subjects AS
SELECT units.rowid AS id, CASE WHEN units.rowid IS NULL THEN session_id END AS session, NULL::VARCHAR AS subject,
  name, value, occurred_at, received_at, assigned_at
FROM outcomes LEFT JOIN units ON units.unit = outcomes.session_id
WHERE outcomes.session_id IS NOT NULL AND outcomes.trace_id IS NULL AND {{.Where}}
