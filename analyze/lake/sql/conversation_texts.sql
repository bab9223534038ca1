-- conversation_texts: a row a request with a text, of conversations asked for.
-- Columns: session; place: of the request in it; started_us, null where unknown;
-- turn, as JSON: input, output, tool_calls, retrieval.
CREATE OR REPLACE TEMP TABLE conversation_texts AS
SELECT coalesce(traces.session_id, traces.trace_id) AS session,
  struct_pack(a := started_at IS NULL, b := started_at, c := turn, d := traces.trace_id) AS place,
  epoch_us(started_at) AS started_us,
  to_json(struct_pack(input := contents.input, output := contents.output, tool_calls := contents.tool_calls, retrieval := contents.retrieval))::VARCHAR AS said
FROM contents JOIN traces USING (trace_id)
WHERE traces.app = {{.App}} AND contents.app = {{.App}}
  AND (release = {{.Release}} OR release IS NULL)
  AND coalesce(traces.session_id, traces.trace_id) IN (SELECT unnest({{.Sessions}}))
