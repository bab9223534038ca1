-- browse_sessions: a row a session that has what is asked for, the latest first;
-- one more than the page, so that it is known whether there is another.
-- Parameters, bound by name: those of a Search. Clauses stand only where asked for.
-- Columns: session; version, the last that it was assigned to; release; user; case;
-- trial; first, last, times of requests; requests; errors; latency_ms and tokens, sums.
WITH found AS (
  SELECT coalesce(session_id, trace_id) AS session, arg_max(assigned_version, (started_at, trace_id)) AS version,
    any_value(release) AS release, any_value(user_id) AS user, any_value(case_id) AS "case", any_value(trial) AS trial,
    min(started_at) AS first, coalesce(max(started_at), 'epoch'::TIMESTAMPTZ) AS last,
    count(*) AS requests, count(*) FILTER (error_type IS NOT NULL) AS errors, sum(latency_ms) AS latency_ms,
    sum(input_tokens + output_tokens)::BIGINT AS tokens
  FROM traces
  WHERE app = $app
    {{- if .Release}} AND release = $release{{end}}
    {{- if .Version}} AND assigned_version = $version{{end}}
    {{- if .Session}} AND coalesce(session_id, trace_id) = $session{{end}}
    {{- if .User}} AND user_id = $user{{end}}
    {{- if .Case}} AND case_id = $case{{end}}
    {{- if .Attribute}} AND attributes[$attribute] = $attribute_value{{end}}
    {{- if .From}} AND started_at >= $from{{end}}
    {{- if .To}} AND started_at < $to{{end}}
  GROUP BY 1
  HAVING true
    {{- if .Failed}} AND count(*) FILTER (error_type IS NOT NULL) > 0{{end}}
    {{- if .Error}} AND count(*) FILTER (error_type = $error) > 0{{end}}
)
SELECT session, version, release, "user", "case", trial, first, last, requests, errors, latency_ms, tokens
FROM found
WHERE true
  {{- if .After}} AND (last, session) < ($after_last, $after_session){{end}}
  {{- if .Text}} AND session IN (
    SELECT coalesce(traces.session_id, traces.trace_id) FROM contents JOIN traces USING (trace_id)
    WHERE contents.app = $app AND traces.app = $app
      AND (contains(lower(contents.input), lower($text)) OR contains(lower(contents.output), lower($text))))
  {{- end}}
  {{- if .Criterion}} AND session IN (
    SELECT subject FROM (
      SELECT coalesce(session_id, trace_id) AS subject, score FROM judgments
      WHERE app = $app AND criterion = $criterion AND coalesce(position, '') = ''
      QUALIFY row_number() OVER (PARTITION BY subject ORDER BY judge_model IS NOT DISTINCT FROM 'panel' DESC, judged_at DESC NULLS LAST, judgment_id DESC) = 1
    ) WHERE score IS NOT NULL AND score >= $score_from AND score <= $score_to)
  {{- end}}
  {{- if .Outcome}} AND session IN (
    SELECT session FROM (
      SELECT coalesce(outcomes.session_id, traces.session_id, outcomes.trace_id) AS session, value FROM outcomes
      LEFT JOIN traces ON traces.trace_id = outcomes.trace_id AND traces.app = $app
      WHERE outcomes.app = $app AND outcomes.name = $outcome AND outcomes.user_id IS NULL
      QUALIFY row_number() OVER (PARTITION BY session ORDER BY occurred_at DESC NULLS LAST, outcome_id DESC) = 1
    ) WHERE value >= $outcome_from AND value <= $outcome_to)
  {{- end}}
ORDER BY last DESC, session DESC
LIMIT $limit
