-- release_rows: a row a request of both versions of one release.
-- Columns: those of traces, and treated: assigned to the candidate.
CREATE OR REPLACE TEMP VIEW release_rows AS
SELECT *, assigned_version = {{.Treatment}} AS treated
FROM traces
WHERE app = {{.App}}
  AND (release = {{.Release}} OR release IS NULL)
  AND assigned_version IN ({{.Control}}, {{.Treatment}})
  {{- if .Offline}} AND case_id IS NOT NULL{{else}} AND case_id IS NULL{{end}}
  AND (started_at IS NULL OR started_at <= {{.AsOf}})
