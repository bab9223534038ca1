-- transcripts: a row a session asked for, with its turns in order of time as a JSON list.
WITH theirs AS MATERIALIZED (
  SELECT coalesce(session_id, trace_id) AS session, trace_id, started_at, turn FROM traces
  WHERE app = {{.App}} AND coalesce(session_id, trace_id) IN ({{.Sessions}})
    {{- if .Dates}} AND date IN ({{.Dates}}){{end}}
)
SELECT session,
  to_json(list(struct_pack(input := contents.input, output := contents.output, retrieval := contents.retrieval, spans := contents.spans, tool_calls := contents.tool_calls)
    ORDER BY started_at, turn, trace_id))::VARCHAR
FROM contents JOIN theirs USING (trace_id)
WHERE contents.app = {{.App}} AND (input IS NOT NULL OR output IS NOT NULL)
  {{- if .Dates}} AND contents.date IN ({{.Dates}}){{end}}
GROUP BY 1
