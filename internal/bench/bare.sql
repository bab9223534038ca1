-- The least that an analysis of eight metrics must do, and nothing more: group
-- the columns that it needs by session and arm, and join the outcomes.
WITH sessions AS (
  SELECT session_id, assigned_version,
    count(*) AS requests, min(epoch) AS epoch, min(propensity) AS propensity, min(assigned_at) AS assigned_at,
    max(started_at) AS last_at, count(served_version) AS served,
    sum((error_type IS NOT NULL)::INTEGER) AS errors, sum(latency_ms) AS latency, count(latency_ms) AS answers,
    sum(input_tokens + output_tokens) AS tokens, sum(ttft_ms) AS ttft, count(ttft_ms) AS first_tokens
  FROM traces
  WHERE app = 'bench' AND release = 'sim-1' AND randomized
  GROUP BY session_id, assigned_version
),
outcome AS (
  SELECT session_id,
    arg_max(value, occurred_at) FILTER (name = 'resolved') AS resolved,
    arg_max(value, occurred_at) FILTER (name = 'handoff') AS handoff,
    arg_max(value, occurred_at) FILTER (name = 'satisfaction') AS satisfaction
  FROM outcomes WHERE app = 'bench' AND name IN ('resolved', 'handoff', 'satisfaction') GROUP BY session_id
)
SELECT assigned_version, epoch, count(*), sum(requests), sum(propensity), max(assigned_at), max(last_at), sum(served),
  sum(errors), sum(latency), sum(answers), sum(tokens), sum(ttft), sum(first_tokens), sum(resolved), sum(handoff), sum(satisfaction)
FROM sessions LEFT JOIN outcome USING (session_id)
GROUP BY assigned_version, epoch
