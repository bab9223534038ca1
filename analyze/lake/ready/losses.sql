-- Exchanges that are known to be missing from the lake, by version and reason.
SELECT app, release, version, reason, sum(rows)::BIGINT AS rows, min(started_at) AS first, max(ended_at) AS last
FROM losses GROUP BY ALL ORDER BY ALL
