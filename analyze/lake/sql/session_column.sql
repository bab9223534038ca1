-- session_column: a row a user, one value summed over the user's sessions.
-- Columns: id: the user's row in units; value: the sum, sessions without value
-- counting as filled; sessions: how many have one.
CREATE OR REPLACE TEMP TABLE {{.Table}} AS
WITH sessions AS (SELECT DISTINCT unit, coalesce(session_id, trace_id) AS session FROM test_rows)
SELECT units.rowid AS id,
  sum(coalesce(v.value, {{.Fill}})) AS value,
  nullif(count(coalesce(v.value, {{.Fill}})), 0)::DOUBLE AS sessions
FROM sessions JOIN units ON units.unit = sessions.unit
LEFT JOIN {{.Source}} AS v ON v.id = units.rowid AND v.session = sessions.session
GROUP BY units.rowid
