-- browse_days: a row a session asked for and day that it has requests on. A request
-- without a session id is a session by its own: where Single, those alone are looked for.
-- Columns: session; day; since, until: times of these requests, null where they have none.
SELECT {{.ID}} AS session, coalesce(date, 'unknown'), min(started_at) AS since, max(started_at) AS until
FROM traces
WHERE app = $app AND {{.ID}} IN (SELECT unnest($sessions::VARCHAR[]))
  {{- if .Single}} AND session_id IS NULL{{end}}
GROUP BY ALL
