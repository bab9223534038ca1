-- negatives: one row, how many requests have a negative duration. Each duration is asked for
-- alone: where no part of a file holds a negative one, its statistics say so, and nothing is read.
SELECT (SELECT count(*) FROM release_rows WHERE latency_ms < 0)
  + (SELECT count(*) FROM release_rows WHERE ttft_ms < 0 AND coalesce(latency_ms >= 0, true))
  + (SELECT count(*) FROM release_rows WHERE upstream_ms < 0 AND coalesce(latency_ms >= 0, true) AND coalesce(ttft_ms >= 0, true))
