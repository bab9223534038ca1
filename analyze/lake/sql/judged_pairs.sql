-- judged_pairs: a row a case that was compared under both versions: treatment's
-- share of the wins, over orders and trials, null where there is no comparison.
-- Columns: case_id, score; hash; q.
CREATE OR REPLACE TEMP TABLE judged_pairs AS
WITH last AS (
  SELECT case_id, trial, position, judge_hash, inclusion_probability AS q, judged_at,
    CASE WHEN error IS NULL AND isfinite(score) THEN score END AS score
  FROM judgments
  WHERE app = {{.App}} AND release = {{.Release}} AND criterion = {{.Criterion}} AND case_id IS NOT NULL AND coalesce(position, '') <> ''
    AND error IS DISTINCT FROM {{.Pending}} AND (judged_at IS NULL OR judged_at <= {{.AsOf}})
  QUALIFY row_number() OVER (
    PARTITION BY case_id, trial, position, judge_hash ORDER BY judge_model IS NOT DISTINCT FROM 'panel' DESC, judged_at DESC NULLS LAST, judgment_id DESC) = 1
),
newest AS (SELECT coalesce(arg_max(judge_hash, judged_at), any_value(judge_hash)) AS hash FROM last),
trials AS (
  SELECT case_id, trial, CASE WHEN count(score) = count(*) THEN avg(score) END AS score, any_value(q) AS q
  FROM last WHERE judge_hash IS NOT DISTINCT FROM (SELECT hash FROM newest) GROUP BY ALL
)
SELECT case_id, avg(score) AS score, any_value(coalesce(q, 1)) AS q, (SELECT coalesce(hash, '') FROM newest) AS hash FROM trials GROUP BY case_id
