-- browse_openings: a row a session with texts: how it opens, cut.
-- Columns: session; opening.
SELECT coalesce(traces.session_id, traces.trace_id) AS session, arg_min(left(contents.input, 200), (started_at, trace_id)) FILTER (contents.input IS NOT NULL) AS opening
FROM contents JOIN traces USING (trace_id)
WHERE contents.app = $app AND traces.app = $app AND coalesce(traces.session_id, traces.trace_id) IN (SELECT unnest($sessions::VARCHAR[]))
GROUP BY 1
