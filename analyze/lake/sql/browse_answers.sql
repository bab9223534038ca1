-- browse_answers: a row a session and criterion of a rubric, as a person last answered it.
-- Columns: session; criterion; verdict, a level's number or that it was declined; comment.
SELECT session_id, criterion, verdict, comment FROM labels
WHERE app = $app AND session_id IS NOT NULL AND labeler = $labeler AND NOT starts_with(label_id, 'drawn/') AND NOT starts_with(label_id, 'picked/') AND (criterion = $rubric OR starts_with(criterion, $rubric || '.'))
QUALIFY row_number() OVER (PARTITION BY session_id, criterion ORDER BY labeled_at DESC NULLS LAST, label_id DESC) = 1
