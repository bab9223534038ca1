-- How full the columns of traces are, by app: which analyses they allow.
SELECT app, count(*) AS requests, avg((session_id IS NOT NULL)::INT) AS session_id, avg((user_id IS NOT NULL)::INT) AS user_id,
  avg((started_at IS NOT NULL)::INT) AS started_at, avg((propensity IS NOT NULL)::INT) AS propensity, avg((epoch IS NOT NULL)::INT) AS epoch,
  avg((latency_ms IS NOT NULL)::INT) AS latency_ms, avg((ttft_ms IS NOT NULL)::INT) AS ttft_ms, avg((input_tokens IS NOT NULL)::INT) AS input_tokens,
  avg((cost_usd IS NOT NULL)::INT) AS cost_usd, avg((case_id IS NOT NULL)::INT) AS case_id
FROM traces GROUP BY ALL ORDER BY ALL
