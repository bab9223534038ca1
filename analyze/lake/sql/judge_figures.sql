-- judge_figures: a row a criterion, judge and version, of the judgments of one release's
-- dialogues; pairs of offline cases are not among them.
-- Columns: criterion; model; hash; version; judged; missing, by cause; mean score; people who
-- labelled; tokens; cost; first and last judgment.
WITH judged AS (
  SELECT criterion, coalesce(session_id, trace_id) AS thing, judge_model, judge_hash, score, error, tokens, cost_usd, judged_at
  FROM judgments
  WHERE app = {{.App}} AND (release = {{.Release}} OR release IS NULL) AND position IS NULL AND case_id IS NULL
),
things AS (
  SELECT thing, any_value(assigned_version) AS version
  FROM (
    SELECT session_id AS thing, assigned_version FROM traces WHERE app = {{.App}} AND session_id IN (SELECT thing FROM judged)
    UNION ALL
    SELECT trace_id, assigned_version FROM traces WHERE app = {{.App}} AND trace_id IN (SELECT thing FROM judged)
  )
  WHERE assigned_version IN ({{.Control}}, {{.Treatment}}) GROUP BY thing
),
labelled AS (
  SELECT criterion, coalesce(session_id, trace_id) AS thing, count(*) AS labels FROM labels
  WHERE app = {{.App}} AND score IS NOT NULL AND NOT starts_with(label_id, 'picked/') GROUP BY ALL
)
SELECT criterion, coalesce(judge_model, ''), coalesce(judge_hash, ''), version = {{.Treatment}}, count(DISTINCT thing) FILTER (score IS NOT NULL),
  coalesce(to_json(histogram(error) FILTER (score IS NULL AND error IS NOT NULL))::VARCHAR, '{}'), avg(score), count(DISTINCT thing) FILTER (labels > 0),
  coalesce(sum(tokens), 0)::BIGINT, sum(cost_usd)::DOUBLE, min(judged_at), max(judged_at)
FROM judged JOIN things USING (thing) LEFT JOIN labelled USING (criterion, thing)
GROUP BY ALL ORDER BY ALL
