-- label_candidates: a row a session of the release in an hour of assignment that
-- people have not been offered yet, and that is over: its dialogues are complete (a run of a
-- case always is) and, where
-- anything is judged by the rubric, judged.
-- Columns: session; hour, since 1970 UTC; judged: it has a score; split: the panel
-- disagrees on it; any: something is judged by the rubric.
WITH sessions AS (
  SELECT coalesce(session_id, trace_id) AS session, max(started_at) FILTER (case_id IS NULL) AS ended,
    coalesce(epoch_us(min(coalesce(assigned_at, started_at))) // 3600000000, 0) AS hour
  FROM traces
  WHERE app = {{.App}} AND (release = {{.Release}} OR release IS NULL) AND assigned_version IN ({{.Versions}})
    AND randomized IS DISTINCT FROM false AND (started_at IS NULL OR started_at <= {{.AsOf}})
  GROUP BY 1
),
judged AS (
  SELECT coalesce(session_id, trace_id) AS session, bool_or(score IS NOT NULL AND error IS NULL) AS judged,
    coalesce(bool_or(contains(flags, 'split')), false) AS split
  FROM judgments
  WHERE app = {{.App}} AND criterion = {{.Rubric}} AND coalesce(position, '') = '' AND (judged_at IS NULL OR judged_at <= {{.AsOf}})
  GROUP BY 1
),
said AS (SELECT DISTINCT epoch_us(occurred_at) // 3600000000 AS hour FROM events WHERE app = {{.App}} AND release = {{.Release}} AND kind = 'judged' AND detail = {{.Rubric}} AND occurred_at IS NOT NULL),
offered AS (SELECT DISTINCT epoch_us(occurred_at) // 3600000000 AS hour FROM events WHERE app = {{.App}} AND release = {{.Release}} AND kind = 'exported' AND detail = {{.Rubric}}),
hours AS (
  SELECT hour FROM sessions LEFT JOIN judged USING (session) GROUP BY hour
  HAVING hour NOT IN (SELECT hour FROM offered)
    AND coalesce(max(ended) <= {{.Complete}}, true)
    AND CASE
      WHEN (SELECT count(*) FROM said) > 0 THEN hour IN (SELECT hour FROM said)
      WHEN (SELECT count(*) FROM judged) > 0 THEN hour <= (SELECT max(hour) FROM sessions JOIN judged USING (session))
      ELSE true END
)
SELECT sessions.session, sessions.hour, coalesce(judged.judged, false), coalesce(split, false), (SELECT count(*) FROM judged) > 0 AS "any"
FROM sessions JOIN hours USING (hour) LEFT JOIN judged USING (session)
