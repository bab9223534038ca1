-- release_rows: a row a request of both versions of one release; or, before it,
-- of control, of whatever release, unless a rule forced it there.
-- Columns: those of traces, and treated: assigned to the candidate.
CREATE OR REPLACE TEMP VIEW release_rows AS
SELECT *, assigned_version = {{.Treatment}} AS treated
FROM traces
WHERE app = {{.App}}
  {{- if .Before}}
  AND assigned_version = {{.Control}} AND started_at >= {{.From}}
  AND (randomized OR rule IS NULL)
  {{- else}}
  {{if not .AnyRelease}}AND (release = {{.Release}} OR release IS NULL){{end}}
  AND assigned_version IN ({{.Control}}, {{.Treatment}})
  {{- end}}
  {{- if .Offline}} AND case_id IS NOT NULL{{else}} AND case_id IS NULL{{end}}
  AND (started_at IS NULL OR started_at <= {{.AsOf}})
