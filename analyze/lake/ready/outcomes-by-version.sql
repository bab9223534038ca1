-- Outcomes of each version's sessions: how many sessions have one, and its mean.
WITH last AS (
  SELECT app, session_id, name, arg_max(value, coalesce(occurred_at, '-infinity'::TIMESTAMPTZ)) AS value
  FROM outcomes WHERE session_id IS NOT NULL GROUP BY ALL
),
sessions AS (SELECT app, session_id, any_value(assigned_version) AS version FROM traces WHERE session_id IS NOT NULL GROUP BY ALL)
SELECT app, version, name, count(*) AS sessions, avg(value) AS mean
FROM sessions JOIN last USING (app, session_id) GROUP BY ALL ORDER BY ALL
