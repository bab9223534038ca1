-- browse_case: a row a run of a case, by version and trial.
-- Columns: session; version; trial; release.
SELECT coalesce(session_id, trace_id) AS session, any_value(assigned_version) AS version, any_value(trial) AS trial, any_value(release) AS release
FROM traces WHERE app = $app AND case_id = $case AND release IS NOT DISTINCT FROM $release::VARCHAR
GROUP BY 1 ORDER BY version, trial, session LIMIT 200
