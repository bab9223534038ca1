-- Judgments of dialogues by criterion, judge and version: how many, their mean, what is missing, tokens and cost.
WITH judged AS (
  SELECT app, release, criterion, judge_model, judge_hash, coalesce(session_id, trace_id) AS thing, score, error, tokens, cost_usd
  FROM judgments WHERE position IS NULL AND case_id IS NULL
),
things AS (
  SELECT app, thing, any_value(assigned_version) AS version
  FROM (
    SELECT app, session_id AS thing, assigned_version FROM traces WHERE session_id IN (SELECT thing FROM judged)
    UNION ALL
    SELECT app, trace_id, assigned_version FROM traces WHERE trace_id IN (SELECT thing FROM judged)
  )
  GROUP BY ALL
)
SELECT app, release, criterion, judge_model, judge_hash, version, count(DISTINCT thing) FILTER (score IS NOT NULL) AS judged,
  avg(score) AS mean, count(*) FILTER (score IS NULL) AS missing, sum(tokens) AS tokens, sum(cost_usd) AS cost_usd
FROM judged JOIN things USING (app, thing) GROUP BY ALL ORDER BY ALL
