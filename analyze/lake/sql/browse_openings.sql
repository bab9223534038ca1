-- browse_openings: a row a request asked for that has a text: how it opens, cut.
-- Columns: trace; opening.
SELECT trace_id, left(input, 200) FROM contents
WHERE app = $app AND input IS NOT NULL AND trace_id IN (SELECT unnest($traces::VARCHAR[]))
