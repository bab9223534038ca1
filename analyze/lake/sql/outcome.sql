-- outcome: a row a unit (or a unit and session), the value of one outcome. Per
-- subject the last event counts among those in the unit's window; of events at the same time, the
-- largest value.
-- Columns: id: the unit's row in units; session, if asked for; value.
CREATE OR REPLACE TEMP TABLE {{.Table}} AS
WITH last AS (
  SELECT id, any_value(session) AS session,
    arg_max(value, ({{.Time}}, value)) AS value,
    max({{.Time}}) AS at
  FROM subjects
  WHERE id IS NOT NULL AND name = {{.Value}} {{.Window}}
  GROUP BY id, subject
)
SELECT id, {{if .BySession}}session, {{end}}{{.Agg}} AS value FROM last GROUP BY id{{if .BySession}}, session{{end}}
