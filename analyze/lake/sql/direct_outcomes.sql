-- direct_outcomes: a row a unit that has outcomes which were reported on the session of its
-- name. One pass joins and groups them, whatever their number.
-- Columns: id: the unit's row in units; for each outcome n0, n1, ...: its events, in the window
-- or not; for each declared column: the value of an event in the column's window, any of them
-- where there are several, null where there is none.
CREATE OR REPLACE TEMP TABLE direct_outcomes AS
SELECT units.rowid AS id
  {{- range .Names}},
  count(*) FILTER (name = {{.SQL}}) AS {{.Name}}
  {{- end}}
  {{- range .Columns}},
  any_value(value) FILTER ({{.SQL}}) AS {{.Name}}
  {{- end}}
FROM outcomes JOIN units ON units.unit = outcomes.session_id
WHERE {{.Where}}
GROUP BY units.rowid
