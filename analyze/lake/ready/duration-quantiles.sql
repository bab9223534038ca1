-- Quantiles of latency and time to first token by release and version, of answered requests of units that were drawn, in ms: strata weigh by their traffic in every version, and bins are 2 % wide, so figures are right to 1 %.
WITH answered AS (
  SELECT app, release, assigned_version AS version, hash(epoch, rule) AS stratum,
    unnest([{'duration': 'latency_ms', 'ms': latency_ms}, {'duration': 'ttft_ms', 'ms': ttft_ms}], recursive := true)
  FROM traces
  WHERE coalesce(randomized, true) AND error_type IS NULL AND coalesce(status, 200) < 500 AND coalesce(status, 200) <> 429
),
binned AS (
  SELECT app, release, version, stratum, duration, CASE WHEN ms > 0 THEN floor(ln(ms) * 50)::INTEGER ELSE -100000 END AS bin, count(*) AS n
  FROM answered WHERE ms >= 0 GROUP BY ALL
),
sized AS (
  SELECT *, sum(n) OVER (PARTITION BY app, release, stratum, duration) AS every, sum(n) OVER (PARTITION BY app, release, stratum, duration, version) AS own
  FROM binned
),
shared AS (
  SELECT app, release, version, duration, bin, sum(n) AS n, sum(n * every / own) AS weight FROM sized WHERE own < every GROUP BY ALL
),
summed AS (
  SELECT *, sum(weight) OVER (PARTITION BY app, release, version, duration ORDER BY bin) / sum(weight) OVER (PARTITION BY app, release, version, duration) AS upto
  FROM shared
)
SELECT app, release, version, duration, sum(n)::BIGINT AS requests,
  exp((min(bin) FILTER (upto >= 0.5) + 0.5) / 50) AS p50, exp((min(bin) FILTER (upto >= 0.95) + 0.5) / 50) AS p95, exp((min(bin) FILTER (upto >= 0.99) + 0.5) / 50) AS p99
FROM summed GROUP BY ALL ORDER BY ALL
