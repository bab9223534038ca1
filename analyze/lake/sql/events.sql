-- events: one row, how many of the outcomes that can matter were not reported on a session. Where
-- a file's statistics say that all were, its rows are not read.
SELECT (SELECT count(*) FROM outcomes WHERE {{.Where}} AND session_id IS NULL)
  + (SELECT count(*) FROM outcomes WHERE {{.Where}} AND session_id IS NOT NULL AND trace_id IS NOT NULL)
