-- direct_outcomes: a row a unit that has outcomes which were reported on the session of its
-- name, and one for those that no unit's name is. One pass joins and groups them, whatever their number.
-- Columns: id: the unit's row in units, null where there is none; for each outcome n0, n1, ...: its
-- events, in the window or not; for each declared column: the value of an event in the column's window,
-- any of them where there are several, null where there is none.
CREATE OR REPLACE TEMP TABLE direct_outcomes AS
SELECT id
  {{- range .Names}},
  count(*) FILTER ({{.SQL}}) AS {{.Name}}
  {{- end}}
  {{- range .Columns}},
  any_value(value) FILTER ({{.SQL}}) AS {{.Name}}
  {{- end}}
FROM (
  SELECT units.rowid AS id, value,
    list_position({{.List}}, name) AS outcome,
    {{if .Timed}}greatest(epoch_us(occurred_at), epoch_us(received_at) - {{.Grace}}, 0) - epoch_us(assigned_at){{else}}0{{end}} AS age
  FROM outcomes LEFT JOIN units ON units.unit = outcomes.session_id
  WHERE {{.Where}}
)
GROUP BY id
