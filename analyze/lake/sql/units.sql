-- units: a row an assignment unit, with the numbers that metrics need.
-- Columns: unit; treated, stratum (its index), assigned_at, hour (of its
-- assignment, since 1970 UTC, 0 where rows have no times): of its first
-- request, for good; mixed: requests were assigned differently; crossed: to
-- different versions; requests; answered: those without error; served,
-- complied: requests with a served version, and those served the assigned one;
-- case_id; first_user: the user of the first request; c0, c1, ...: the columns that metrics declare, null where the unit
-- has no value.
SELECT
  * EXCLUDE (cell), cell % 2 = 1 AS treated, cell // 2 AS stratum,
  {{if .Timed}}epoch_us(assigned_at) // 3600000000{{else}}0::BIGINT{{end}} AS hour
FROM (
  SELECT
    unit, min(cell) AS cell, min(cell) <> max(cell) AS mixed, {{.Crossed}} AS crossed,
    {{if .Timed}}min(assigned_at){{else}}NULL::TIMESTAMPTZ{{end}} AS assigned_at,
    count(*) AS requests,
    {{- if .Answered}}
    count(*) FILTER (NOT failed) AS answered,
    {{- end}}
    {{- if .Served}}
    count(served_version) AS served,
    {{- end}}
    {{- if .Misserved}}
    count(*) FILTER (served_version = assigned_version) AS complied,
    {{- end}}
    {{- if .Cases}}
    min(case_id) AS case_id,
    {{- end}}
    {{- if .User}}
    arg_min_null(user_id, (started_at, trace_id)) AS first_user,
    {{- end}}
    {{- range .Columns}}
    {{.SQL}} AS {{.Name}},
    {{- end}}
  FROM (SELECT *, {{.Cell}} AS cell FROM {{.From}})
  GROUP BY unit
)
