-- label_rows: a row a thing drawn for labels of one criterion. Of each labeler
-- the last row counts; labels of several are averaged. What somebody picked was not drawn:
-- its label is none here, whatever else is said of the thing.
-- Columns: subject; l, the probability with which it was drawn among the judged, null
-- where not said; label, null where there is none; waiting: nobody has labelled it, or
-- declined to, yet.
CREATE OR REPLACE TEMP TABLE label_rows AS
WITH last AS (
  SELECT {{.Subject}} AS subject, coalesce(labeler, '') AS labeler, inclusion_probability AS l,
    CASE WHEN isfinite(score) THEN score END AS label, verdict
  FROM labels
  WHERE app = {{.App}} AND criterion = {{.Criterion}} AND {{.Subject}} IS NOT NULL AND NOT starts_with(label_id, {{.Picked}}) AND (labeled_at IS NULL OR labeled_at <= {{.AsOf}})
  QUALIFY row_number() OVER (PARTITION BY subject, labeler ORDER BY labeled_at DESC NULLS LAST, label_id DESC) = 1
)
SELECT subject, max(l) AS l, avg(label) AS label,
  NOT bool_or(label IS NOT NULL OR coalesce(verdict = {{.Skipped}}, false)) AS waiting
FROM last GROUP BY subject
