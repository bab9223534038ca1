-- Assignment units of each version by UTC hour of assignment.
SELECT app, release, date_trunc('hour', assigned_at) AS hour, assigned_version AS version, epoch, count(DISTINCT unit_id) AS units
FROM (SELECT app, release, unit_id, min(coalesce(assigned_at, started_at)) AS assigned_at, arg_min(assigned_version, started_at) AS assigned_version, arg_min(epoch, started_at) AS epoch
  FROM (SELECT * REPLACE (coalesce(unit_id, session_id, trace_id) AS unit_id) FROM traces) GROUP BY ALL)
GROUP BY ALL ORDER BY ALL
