-- holdings: a row an app, release and version, with its number of requests.
SELECT app, coalesce(release, '(none)'), coalesce(assigned_version, '(none)'), count(*) AS n
FROM traces GROUP BY ALL ORDER BY n DESC LIMIT 20
