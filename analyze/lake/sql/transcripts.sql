-- transcripts: a row a session asked for, with its turns in order of time as a JSON list.
SELECT coalesce(traces.session_id, traces.trace_id) AS session,
  to_json(list(struct_pack(input := contents.input, output := contents.output, retrieval := contents.retrieval, spans := contents.spans, tool_calls := contents.tool_calls)
    ORDER BY traces.started_at, traces.turn, traces.trace_id))::VARCHAR
FROM contents JOIN traces USING (trace_id)
WHERE traces.app = {{.App}} AND contents.app = {{.App}} AND coalesce(traces.session_id, traces.trace_id) IN ({{.Sessions}})
  AND (contents.input IS NOT NULL OR contents.output IS NOT NULL)
GROUP BY 1
