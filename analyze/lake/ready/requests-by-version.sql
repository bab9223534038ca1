-- Requests, sessions and errors of each version.
SELECT app, release, assigned_version AS version, count(*) AS requests, count(DISTINCT session_id) AS sessions,
  count(*) FILTER (error_type IS NOT NULL OR status >= 500 OR status = 429) AS errors,
  min(started_at) AS first, max(started_at) AS last
FROM traces GROUP BY ALL ORDER BY ALL
