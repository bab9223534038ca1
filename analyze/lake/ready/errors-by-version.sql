-- What went wrong, by version and kind.
SELECT app, assigned_version AS version, coalesce(error_type, 'status ' || status) AS error, count(*) AS requests
FROM traces WHERE error_type IS NOT NULL OR status >= 500 OR status = 429
GROUP BY ALL ORDER BY app, version, requests DESC
