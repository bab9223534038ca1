-- browse_figures: a row a session asked for, of its requests between two times.
-- Columns: session; version, the last that it was assigned to; release; user; case;
-- trial; first, last, times of requests; requests; errors; latency_ms and tokens, sums;
-- traces: its first requests, in order of time.
SELECT coalesce(session_id, trace_id) AS session, arg_max(assigned_version, (started_at, trace_id)) AS version,
  any_value(release), any_value(user_id), any_value(case_id), any_value(trial),
  min(started_at) AS first, coalesce(max(started_at), 'epoch'::TIMESTAMPTZ) AS last,
  count(*) AS requests, count(*) FILTER (error_type IS NOT NULL) AS errors, sum(latency_ms) AS latency_ms,
  sum(input_tokens + output_tokens)::BIGINT AS tokens, list(trace_id ORDER BY started_at, turn, trace_id)[1:500] AS traces
FROM traces
WHERE app = $app AND coalesce(session_id, trace_id) IN (SELECT unnest($sessions::VARCHAR[]))
  AND (started_at IS NULL OR started_at BETWEEN $since AND $until)
GROUP BY 1
