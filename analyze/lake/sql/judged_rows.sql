-- judged_rows: a row a judged thing and judge, the row that counts of one
-- criterion: the panel's where there is one, then the last, of one moment that which takes
-- another back.
-- Columns: subject, the session's or the request's id; hash, of the judge; q, the
-- probability with which it was drawn, null where not said; score, null where there
-- is none; waiting: it is still to be judged; judged_at.
CREATE OR REPLACE TEMP TABLE judged_rows AS
SELECT {{.Subject}} AS subject, coalesce(judge_hash, '') AS hash, inclusion_probability AS q,
  CASE WHEN error IS NULL AND isfinite(score) THEN score END AS score,
  coalesce(error = {{.Pending}}, false) AS waiting, judged_at
FROM judgments
WHERE app = {{.App}} AND criterion = {{.Criterion}} AND {{.Subject}} IS NOT NULL AND coalesce(position, '') = ''
  {{if not .AnyRelease}}AND (release = {{.Release}} OR release IS NULL) {{end}}AND (judged_at IS NULL OR judged_at <= {{.AsOf}})
QUALIFY row_number() OVER (
  PARTITION BY subject, hash ORDER BY judge_model IS NOT DISTINCT FROM 'panel' DESC, judged_at DESC NULLS LAST,
    error IS NOT DISTINCT FROM 'duplicate_output' DESC, judgment_id DESC) = 1
