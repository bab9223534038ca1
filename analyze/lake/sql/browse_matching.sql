-- browse_matching: a row a session of which a request meets all that is asked of one,
-- and which itself meets what is asked of sessions, the latest such request first.
-- Parameters, bound by name: those of a Search. Clauses stand only where asked for.
-- Columns: session; moment, of the latest request that meets it, 1970 where requests have no times.
WITH met AS MATERIALIZED (
  SELECT coalesce(session_id, trace_id) AS session, max(coalesce(started_at, 'epoch'::TIMESTAMPTZ)) AS moment
  FROM traces
  WHERE app = $app
    {{- if .Untimed}} AND started_at IS NULL{{end}}
    {{- if .Since}} AND started_at >= $since{{end}}
    {{- if .Until}} AND started_at < $until{{end}}
    {{- if .Only}} AND coalesce(session_id, trace_id) IN (SELECT unnest($only::VARCHAR[])){{end}}
    {{- if .Release}} AND release = $release{{end}}
    {{- if .Version}} AND assigned_version = $version{{end}}
    {{- if .Session}} AND coalesce(session_id, trace_id) = $session{{end}}
    {{- if .User}} AND user_id = $user{{end}}
    {{- if .Case}} AND case_id = $case{{end}}
    {{- if .Attribute}} AND attributes[$attribute] = $attribute_value{{end}}
    {{- if .Failed}} AND error_type IS NOT NULL{{end}}
    {{- if .Error}} AND error_type = $error{{end}}
    {{- if .Text}} AND trace_id IN (
      SELECT trace_id FROM contents
      WHERE app = $app AND (contains(lower(input), lower($text)) OR contains(lower(output), lower($text))))
    {{- end}}
  GROUP BY 1
)
{{- if .Outcome}},
said AS (SELECT session_id, trace_id, value, occurred_at, outcome_id FROM outcomes WHERE app = $app AND name = $outcome AND user_id IS NULL),
owners AS (
  SELECT trace_id, coalesce(session_id, trace_id) AS session FROM traces
  WHERE app = $app AND trace_id IN (SELECT trace_id FROM said WHERE session_id IS NULL)
)
{{- end}}
SELECT session, moment FROM met
WHERE true
  {{- if .After}} AND (moment, session) < ($after_moment, $after_session){{end}}
  {{- if .Criterion}} AND session IN (
    SELECT subject FROM (
      SELECT coalesce(session_id, trace_id) AS subject, score FROM judgments
      WHERE app = $app AND criterion = $criterion AND coalesce(position, '') = ''
        AND coalesce(session_id, trace_id) IN (SELECT session FROM met)
      QUALIFY row_number() OVER (PARTITION BY subject ORDER BY judge_model IS NOT DISTINCT FROM 'panel' DESC, judged_at DESC NULLS LAST, judgment_id DESC) = 1
    ) WHERE score IS NOT NULL AND score >= $score_from AND score <= $score_to)
  {{- end}}
  {{- if .Outcome}} AND session IN (
    SELECT subject FROM (
      SELECT coalesce(said.session_id, owners.session, said.trace_id) AS subject, value
      FROM said LEFT JOIN owners ON said.session_id IS NULL AND owners.trace_id = said.trace_id
      WHERE coalesce(said.session_id, owners.session, said.trace_id) IN (SELECT session FROM met)
      QUALIFY row_number() OVER (PARTITION BY subject ORDER BY occurred_at DESC NULLS LAST, outcome_id DESC) = 1
    ) WHERE value >= $outcome_from AND value <= $outcome_to)
  {{- end}}
ORDER BY moment DESC, session DESC
LIMIT $limit
