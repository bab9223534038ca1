-- dialogues: a row a session that has texts, as many of each version as asked for. Sessions
-- of both versions about the same (attribute intent, language) are paired, in the order of a
-- hash of their ids; those without a partner come after the pairs.
-- Columns: pair; version; session; topic; turns, outcomes and judgments, as JSON lists.
WITH written AS (
  SELECT trace_id FROM contents WHERE app = {{.App}} AND (input IS NOT NULL OR output IS NOT NULL)
),
spoken AS (
  SELECT assigned_version AS version, coalesce(session_id, trace_id) AS session,
    concat_ws(', ', any_value(attributes['intent']), any_value(language)) AS topic
  FROM traces SEMI JOIN written USING (trace_id)
  WHERE app = {{.App}} AND (release = {{.Release}} OR release IS NULL) AND assigned_version IN ({{.Versions}})
  GROUP BY ALL
),
placed AS (
  SELECT *, row_number() OVER (PARTITION BY version, topic ORDER BY md5(session), session) AS place FROM spoken
),
matched AS (
  SELECT *, count(*) OVER (PARTITION BY topic, place) AS partners FROM placed WHERE place <= {{.Count}}
),
numbered AS (
  SELECT *, dense_rank() OVER (ORDER BY partners DESC, md5(topic || '/' || place), topic, place) AS pair FROM matched
),
drawn AS (
  SELECT * FROM numbered QUALIFY row_number() OVER (PARTITION BY version ORDER BY pair) <= {{.Count}}
),
requests AS (
  SELECT trace_id, drawn.version, session, started_at, turn, latency_ms, ttft_ms, error_type
  FROM traces JOIN drawn ON traces.assigned_version = drawn.version AND coalesce(session_id, trace_id) = session
  WHERE app = {{.App}} AND (release = {{.Release}} OR release IS NULL)
),
turns AS (
  SELECT version, session,
    to_json(list(struct_pack(input := input, output := output, retrieval := retrieval, spans := spans,
      latency_ms := latency_ms, ttft_ms := ttft_ms, error := error_type) ORDER BY started_at, turn, trace_id))::VARCHAR AS turns
  FROM contents JOIN requests USING (trace_id) WHERE contents.app = {{.App}} GROUP BY ALL
),
last AS (
  SELECT session_id AS session, name, arg_max(value, coalesce(occurred_at, '-infinity'::TIMESTAMPTZ)) AS value
  FROM outcomes WHERE app = {{.App}} AND session_id IN (SELECT session FROM drawn) GROUP BY ALL
),
known AS (
  SELECT session, to_json(list(struct_pack(name := name, value := value) ORDER BY name))::VARCHAR AS outcomes FROM last GROUP BY ALL
),
judged AS (
  SELECT session_id AS session, criterion, arg_max(score, judged_at) AS score, arg_max(reason, judged_at) AS reason, arg_max(judge_model, judged_at) AS model
  FROM judgments WHERE app = {{.App}} AND session_id IN (SELECT session FROM drawn) AND position IS NULL AND score IS NOT NULL GROUP BY ALL
),
scored AS (
  SELECT session, to_json(list(struct_pack(criterion := criterion, score := score, reason := reason, model := model) ORDER BY criterion))::VARCHAR AS judgments
  FROM judged GROUP BY ALL
)
SELECT pair, version, session, topic, turns, coalesce(outcomes, '[]'), coalesce(judgments, '[]')
FROM drawn JOIN turns USING (version, session) LEFT JOIN known USING (session) LEFT JOIN scored USING (session)
ORDER BY pair, version
