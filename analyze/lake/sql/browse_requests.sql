-- browse_requests: a row a request of a session, in order of time, with its texts.
-- Columns: those of traces, then of contents; kept: there is a row of contents.
SELECT traces.trace_id, release, user_id, turn, assigned_version, served_version, traces.reason, rule, started_at,
  latency_ms, ttft_ms, status, error_type, streamed, truncated, model, input_tokens, output_tokens, cost_usd::DOUBLE AS cost_usd,
  to_json(attributes)::VARCHAR AS attributes, case_id, trial,
  contents.trace_id IS NOT NULL AS kept, input, output, prompt, tool_calls, to_json(retrieval)::VARCHAR AS retrieval, to_json(spans)::VARCHAR AS spans
FROM traces LEFT JOIN contents ON contents.trace_id = traces.trace_id AND contents.app = $app
WHERE traces.app = $app AND coalesce(session_id, traces.trace_id) = $session
  AND (started_at IS NULL OR started_at BETWEEN $since AND $until)
ORDER BY started_at, turn, traces.trace_id
LIMIT $limit
