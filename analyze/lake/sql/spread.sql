-- spread: a row a duration, arm and bin of 2 % of the value, of answered requests of units that
-- were drawn. Strata (an epoch, within it a rule) weigh in both arms by their traffic, so that a
-- ramp under changing load does not look like a difference; those with one arm only are left out.
-- Columns: first (time to the first token, or else latency); treated; bin, -100000 for 0; rows;
-- weight.
WITH answered AS (
  SELECT assigned_version = {{.Treatment}} AS treated, hash(epoch, rule) AS stratum, latency_ms, ttft_ms
  FROM traces
  WHERE app = {{.App}} AND (release = {{.Release}} OR release IS NULL) AND assigned_version IN ({{.Control}}, {{.Treatment}})
    AND coalesce(randomized, true) AND error_type IS NULL AND coalesce(status, 200) < 500 AND coalesce(status, 200) <> 429
),
binned AS (
  SELECT treated, stratum, CASE WHEN latency_ms > 0 THEN floor(ln(latency_ms) * 50)::INTEGER WHEN latency_ms = 0 THEN -100000 END AS latency,
    CASE WHEN ttft_ms > 0 THEN floor(ln(ttft_ms) * 50)::INTEGER WHEN ttft_ms = 0 THEN -100000 END AS ttft
  FROM answered
),
counted AS (
  SELECT grouping(latency) = 1 AS first, treated, stratum, CASE WHEN grouping(latency) = 1 THEN ttft ELSE latency END AS bin, count(*) AS n
  FROM binned GROUP BY GROUPING SETS ((treated, stratum, latency), (treated, stratum, ttft))
),
known AS (SELECT * FROM counted WHERE bin IS NOT NULL),
totals AS (
  SELECT first, stratum, sum(n) AS every, sum(n) FILTER (treated) AS treatment, sum(n) FILTER (NOT treated) AS control FROM known GROUP BY ALL
)
SELECT first, treated, bin, sum(n)::BIGINT, sum(n * every / CASE WHEN treated THEN treatment ELSE control END)
FROM known JOIN totals USING (first, stratum) WHERE treatment > 0 AND control > 0
GROUP BY ALL ORDER BY first, treated, bin
