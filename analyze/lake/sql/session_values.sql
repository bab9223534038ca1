-- session_values: a row a unit and session, one value of its requests.
SELECT units.rowid AS id, session, value
FROM (SELECT unit, coalesce(session_id, trace_id) AS session, {{.Value}} AS value FROM test_rows GROUP BY ALL) AS v
JOIN units ON units.unit = v.unit
