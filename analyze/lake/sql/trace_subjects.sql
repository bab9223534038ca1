-- trace_subjects: a row an outcome that was reported on a request.
CREATE OR REPLACE TEMP TABLE trace_subjects AS
WITH events AS (SELECT * FROM outcomes WHERE trace_id IS NOT NULL AND {{.Where}}),
trace_units AS (SELECT trace_id, session_id, unit FROM test_rows WHERE trace_id IN (SELECT trace_id FROM events))
SELECT units.rowid AS id, coalesce(trace_units.session_id, events.trace_id) AS session, events.trace_id AS subject,
  name, value, occurred_at, received_at, assigned_at
FROM events LEFT JOIN trace_units USING (trace_id) LEFT JOIN units ON units.unit = trace_units.unit
