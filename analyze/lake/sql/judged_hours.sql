-- judged_hours: a row an hour of assignment that is done with, for one criterion: each
-- drawn unit is judged or given up and, where labels correct, labelled or declined.
-- Columns: hour; hash, of the judge that judged most of it, empty where none did.
CREATE OR REPLACE TEMP TABLE judged_hours AS
WITH per_judge AS (
  SELECT hour, hash, count(*) AS n, max(judged_at) AS last, bool_or(waiting) AS waiting,
    bool_or(label_waiting) AS label_waiting, bool_or(label_drawn) AS label_drawn
  FROM judged_units GROUP BY hour, hash
),
chosen AS (SELECT * FROM per_judge QUALIFY row_number() OVER (PARTITION BY hour ORDER BY n DESC, last DESC, hash) = 1),
said AS (SELECT DISTINCT epoch_us(occurred_at) // 3600000000 AS hour FROM events
  WHERE app = {{.App}}{{if not .AnyRelease}} AND release = {{.Release}}{{end}} AND kind = 'judged' AND detail = {{.Rubric}} AND occurred_at <= {{.AsOf}}),
offered AS (SELECT DISTINCT epoch_us(occurred_at) // 3600000000 AS hour FROM events
  WHERE app = {{.App}}{{if not .AnyRelease}} AND release = {{.Release}}{{end}} AND kind = 'exported' AND detail = {{.Rubric}} AND occurred_at <= {{.AsOf}})
SELECT hours.hour AS hour, coalesce(chosen.hash, '') AS hash
FROM (SELECT DISTINCT hour FROM units) AS hours LEFT JOIN chosen USING (hour)
WHERE NOT coalesce(chosen.waiting, false)
{{- if not .Offline}}
  AND CASE WHEN (SELECT count(*) FROM said) > 0 THEN hour IN (SELECT hour FROM said) ELSE hour <= (SELECT max(hour) FROM chosen) END
{{- end}}
{{- if .Corrected}}
  AND NOT coalesce(chosen.label_waiting, false)
{{- if not .Offline}}
  AND CASE WHEN (SELECT count(*) FROM offered) > 0 THEN hour IN (SELECT hour FROM offered)
    ELSE hour BETWEEN (SELECT min(hour) FROM chosen WHERE label_drawn) AND (SELECT max(hour) FROM chosen WHERE label_drawn) END
{{- end}}
{{- end}}
