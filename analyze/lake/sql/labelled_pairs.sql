-- labelled_pairs: how many of the cases in judged_pairs people have a verdict on, by one
-- criterion. Of each labeler and trial the last row counts.
WITH last AS (
  SELECT case_id, score FROM labels
  WHERE app = {{.App}} AND (release = {{.Release}} OR release IS NULL) AND criterion = {{.Criterion}} AND case_id IN (SELECT case_id FROM judged_pairs)
    AND NOT starts_with(label_id, 'drawn/') AND (labeled_at IS NULL OR labeled_at <= {{.AsOf}})
  QUALIFY row_number() OVER (PARTITION BY case_id, trial, labeler ORDER BY labeled_at DESC NULLS LAST, label_id DESC) = 1
)
SELECT count(DISTINCT case_id) FROM last WHERE score IS NOT NULL
