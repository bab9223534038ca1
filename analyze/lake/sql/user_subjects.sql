-- user_subjects: a row an outcome that was reported on a user: it belongs to
-- the user's last session begun before it.
CREATE OR REPLACE TEMP TABLE user_subjects AS
WITH events AS (
  SELECT *, coalesce(occurred_at, 'infinity'::TIMESTAMPTZ) AS at
  FROM outcomes WHERE trace_id IS NULL AND session_id IS NULL AND {{.Where}}
),
user_sessions AS (
  SELECT user_id, unit, coalesce(session_id, trace_id) AS session, coalesce(min(started_at), '-infinity'::TIMESTAMPTZ) AS begun
  FROM test_rows WHERE user_id IN (SELECT user_id FROM events) GROUP BY ALL
)
SELECT units.rowid AS id, user_sessions.session AS session, events.user_id AS subject,
  name, value, occurred_at, received_at, assigned_at
FROM events ASOF LEFT JOIN user_sessions ON events.user_id = user_sessions.user_id AND events.at >= user_sessions.begun
LEFT JOIN units ON units.unit = user_sessions.unit
