-- browse_sets: a row a set of dialogues, not of pairs, that was drawn for labels and rubric, the newest first.
-- Columns: set; rubric; drawn, when; items; labelled, that anybody has answered; mine, that
-- the labeler has.
WITH drawn AS (
  SELECT split_part(label_id, '/', 2) AS "set", criterion AS rubric, session_id, min(labeled_at) AS moment
  FROM labels WHERE app = $app AND case_id IS NULL AND starts_with(label_id, 'drawn/') AND NOT contains(criterion, '.') AND verdict = $pending GROUP BY ALL
),
given AS (
  SELECT session_id, criterion, bool_or(labeler = $labeler) AS mine
  FROM labels WHERE app = $app AND NOT starts_with(label_id, 'drawn/') AND NOT starts_with(label_id, 'picked/') AND labeler IS NOT NULL GROUP BY ALL
)
SELECT "set", rubric, min(moment) AS drawn, count(*) AS items, count(given.session_id) AS labelled, count(*) FILTER (given.mine) AS mine
FROM drawn LEFT JOIN given ON given.session_id = drawn.session_id AND given.criterion = drawn.rubric
GROUP BY ALL ORDER BY drawn DESC, "set", rubric LIMIT 100
