-- test_rows: a row a request whose unit's version was drawn (or, in a log that
-- does not say, may have been).
-- Columns: unit, the assignment unit; treated; epoch, rule, propensity: the
-- stratum; assigned_at, of the unit where rows say so, else its first start;
-- failed; the values metrics read; and, as raw_NAME, the columns that some of these are
-- copied from.
CREATE OR REPLACE TEMP VIEW test_rows AS
{{- if .FirstSeen}}
WITH first_seen AS (
  SELECT {{.Unit}} AS unit, min(started_at) AS first_at FROM release_rows GROUP BY unit
)
{{- end}}
SELECT
  {{.Unit}} AS unit,
  treated, epoch, rule, propensity,
  {{if .FirstSeen}}coalesce(assigned_at, first_at){{else}}assigned_at{{end}} AS assigned_at,
  started_at, session_id, user_id, case_id, trace_id, assigned_version, served_version,
  {{.Failed}} AS failed,
  {{- range .Values}}
  {{.SQL}} AS {{.Name}},
  {{- end}}
  {{- range .Raws}}
  {{.SQL}} AS {{.Name}},
  {{- end}}
  {{- range .Attributes}}
  {{.SQL}} AS {{.Name}},
  {{- end}}
  promise_hash
FROM release_rows
{{- if .FirstSeen}} JOIN first_seen ON first_seen.unit = {{.Unit}}{{end}}
WHERE {{if .Everyone}}true{{else}}randomized IS DISTINCT FROM false{{end}}
  {{- if .Since}} AND {{if .FirstSeen}}coalesce(assigned_at, first_at){{else}}assigned_at{{end}} >= {{.Since}}{{end}}
