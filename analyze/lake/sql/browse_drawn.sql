-- browse_drawn: a row a set that a session was drawn in, and rubric; mine: the labeler has answered.
-- Columns: set; item; rubric; mine.
SELECT split_part(label_id, '/', 2) AS "set", split_part(label_id, '/', 3) AS item, criterion AS rubric,
  EXISTS (FROM labels g WHERE g.app = $app AND g.session_id = $session AND g.criterion = d.criterion AND g.labeler = $labeler AND NOT starts_with(g.label_id, 'picked/')) AS mine
FROM labels d
WHERE app = $app AND session_id = $session AND starts_with(label_id, 'drawn/') AND NOT contains(criterion, '.') AND verdict = $pending
ORDER BY 1, 3
