-- subject_kinds: one row, whether outcomes were reported on requests, and on users.
SELECT count(trace_id) > 0, count(user_id) FILTER (trace_id IS NULL AND session_id IS NULL) > 0
FROM outcomes WHERE {{.Where}}
