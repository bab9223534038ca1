-- browse_marks: a row a mark of sessions: of each subject, kind, name and giver the last.
-- Columns: session; trace, where it is of a request; kind: judgment, label or outcome; name;
-- value; word; said; giver; flags; moment.
WITH mine AS (
  SELECT trace_id, coalesce(session_id, trace_id) AS session FROM traces
  WHERE app = $app AND coalesce(session_id, trace_id) IN (SELECT unnest($sessions::VARCHAR[]))
),
marks AS (
  SELECT session_id, trace_id, 'judgment' AS kind, criterion AS name, score AS value, coalesce(error, verdict) AS word, reason AS said,
    judge_model AS giver, flags, judged_at AS moment, judgment_id AS id
  FROM judgments WHERE app = $app AND coalesce(position, '') = ''
  UNION ALL
  SELECT session_id, trace_id, 'label', criterion, score, verdict, comment, labeler, NULL, labeled_at, label_id
  FROM labels WHERE app = $app AND NOT starts_with(label_id, 'drawn/')
  UNION ALL
  SELECT session_id, trace_id, 'outcome', name, value, NULL, comment, source, NULL, occurred_at, outcome_id
  FROM outcomes WHERE app = $app AND user_id IS NULL
)
SELECT coalesce(of_trace.session, marks.session_id) AS session, marks.trace_id, kind, name, value, word, said, giver, flags, moment
FROM marks LEFT JOIN mine AS of_trace ON marks.trace_id = of_trace.trace_id
WHERE of_trace.session IS NOT NULL OR marks.session_id IN (SELECT unnest($sessions::VARCHAR[]))
QUALIFY row_number() OVER (PARTITION BY 1, marks.trace_id, kind, name, CASE WHEN kind = 'outcome' THEN NULL ELSE giver END ORDER BY moment DESC NULLS LAST, id DESC) = 1
ORDER BY kind, name, moment, giver
