-- release_rows: a row a request of both versions of one release; or, before it,
-- of control, of whatever release, unless a rule forced it there.
-- Columns: those of traces, and treated: assigned to the candidate.
-- Every pass over requests evaluates these conditions: those of which the profile
-- knows that all rows meet them are left out, and versions are picked by a function of
-- their column, which is evaluated once a dictionary of the file and not once a row.
CREATE OR REPLACE TEMP VIEW release_rows AS
SELECT *, assigned_version = {{.Treatment}} AS treated
FROM traces
WHERE app = {{.App}}
  {{- if .Before}}
  AND assigned_version = {{.Control}} AND started_at >= {{.From}}
  AND (randomized OR rule IS NULL)
  {{- else}}
  {{if not .AnyRelease}}AND {{if .Released}}release = {{.Release}}{{else}}(release = {{.Release}} OR release IS NULL){{end}}{{end}}
  AND list_contains([{{.Control}}, {{.Treatment}}], assigned_version)
  {{- end}}
  {{- if .Offline}} AND case_id IS NOT NULL{{else}} AND case_id IS NULL{{end}}
  AND {{if .Timed}}started_at <= {{.AsOf}}{{else}}(started_at IS NULL OR started_at <= {{.AsOf}}){{end}}
