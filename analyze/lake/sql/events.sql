-- events: one row, how many outcomes can matter, and how many of them were not
-- reported on a session.
SELECT count(*), count(*) FILTER (session_id IS NULL OR trace_id IS NOT NULL)
FROM outcomes WHERE {{.Where}}
