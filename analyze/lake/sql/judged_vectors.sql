-- judged_vectors: a row a unit, with the vector of a judge's metric: zeros where it
-- was not drawn.
-- Columns: unit, assigned_at, treated, stratum, hour; case_id, offline; hash; entering: the unit's hour is done
-- with and mature; given_up; x0, x1, ...: the vector; agree.
CREATE OR REPLACE TEMP VIEW judged_vectors AS
SELECT units.unit, units.assigned_at, units.treated, units.stratum, units.hour, {{if .Offline}}units.case_id{{else}}NULL{{end}} AS case_id, judged_hours.hash,
  judged_hours.hour IS NOT NULL AND {{.Mature}} AS entering, coalesce(given_up, false) AS given_up,
  {{- range .Parts}}
  {{.SQL}} AS {{.Name}},
  {{- end}}
  {{- range .Attributes}}
  units.{{.Name}},
  {{- end}}
  agree
FROM units LEFT JOIN judged_hours USING (hour)
LEFT JOIN judged_units ON judged_units.id = units.rowid AND judged_units.hash = judged_hours.hash
