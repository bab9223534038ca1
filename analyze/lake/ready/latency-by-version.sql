-- Latency and time to first token of each version's successful requests, in ms.
SELECT app, assigned_version AS version, count(latency_ms) AS requests,
  avg(latency_ms) AS latency_mean, quantile_cont(latency_ms, 0.5) AS latency_p50, quantile_cont(latency_ms, 0.95) AS latency_p95, quantile_cont(latency_ms, 0.99) AS latency_p99,
  avg(ttft_ms) AS ttft_mean, quantile_cont(ttft_ms, 0.5) AS ttft_p50, quantile_cont(ttft_ms, 0.95) AS ttft_p95, quantile_cont(ttft_ms, 0.99) AS ttft_p99
FROM traces WHERE error_type IS NULL AND coalesce(status, 200) < 500 AND coalesce(status, 200) <> 429
GROUP BY ALL ORDER BY ALL
