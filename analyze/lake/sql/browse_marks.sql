-- browse_marks: a row a mark of sessions and requests: of each subject, kind, name and giver the last.
-- Columns: session, trace: whichever the mark names; kind: judgment, label or outcome; name;
-- value; word; said; giver; flags; moment.
WITH marks AS (
  SELECT session_id, trace_id, 'judgment' AS kind, criterion AS name, score AS value, coalesce(error, verdict) AS word, reason AS said,
    judge_model AS giver, flags, judged_at AS moment, judgment_id AS id
  FROM judgments WHERE app = $app AND coalesce(position, '') = ''
    AND (session_id IN (SELECT unnest($sessions::VARCHAR[])) OR trace_id IN (SELECT unnest($traces::VARCHAR[])))
  UNION ALL
  SELECT session_id, trace_id, 'label', criterion, score, verdict, comment, labeler, CASE WHEN starts_with(label_id, 'picked/') THEN 'picked' END, labeled_at, label_id
  FROM labels WHERE app = $app AND NOT starts_with(label_id, 'drawn/')
    AND (session_id IN (SELECT unnest($sessions::VARCHAR[])) OR trace_id IN (SELECT unnest($traces::VARCHAR[])))
  UNION ALL
  SELECT session_id, trace_id, 'outcome', name, value, NULL, comment, source, NULL, occurred_at, outcome_id
  FROM outcomes WHERE app = $app AND user_id IS NULL
    AND (session_id IN (SELECT unnest($sessions::VARCHAR[])) OR trace_id IN (SELECT unnest($traces::VARCHAR[])))
)
SELECT session_id, trace_id, kind, name, value, word, said, giver, flags, moment
FROM marks
QUALIFY row_number() OVER (PARTITION BY CASE WHEN trace_id IS NULL THEN session_id END, trace_id, kind, name, CASE WHEN kind = 'outcome' THEN NULL ELSE giver END ORDER BY moment DESC NULLS LAST, id DESC) = 1
ORDER BY kind, name, moment, giver
