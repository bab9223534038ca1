-- dialogues: a row a session that has texts, as many of each version as asked
-- for, in the order of a hash of the session's id.
-- Columns: version; session; turns and outcomes, as JSON lists.
WITH spoken AS (
  SELECT traces.assigned_version AS version, coalesce(traces.session_id, traces.trace_id) AS session,
    list(struct_pack(input := contents.input, output := contents.output, retrieval := contents.retrieval, spans := contents.spans)
      ORDER BY traces.started_at, traces.turn, traces.trace_id) AS turns
  FROM contents JOIN traces USING (trace_id)
  WHERE traces.app = {{.App}} AND contents.app = {{.App}} AND (release = {{.Release}} OR release IS NULL)
    AND assigned_version IN ({{.Versions}}) AND (contents.input IS NOT NULL OR contents.output IS NOT NULL)
  GROUP BY ALL
),
drawn AS (
  SELECT * FROM spoken
  QUALIFY row_number() OVER (PARTITION BY version ORDER BY md5(session), session) <= {{.Count}}
),
last AS (
  SELECT session_id AS session, name, arg_max(value, coalesce(occurred_at, '-infinity'::TIMESTAMPTZ)) AS value
  FROM outcomes WHERE app = {{.App}} AND session_id IN (SELECT session FROM drawn) GROUP BY ALL
)
SELECT version, session, to_json(any_value(turns))::VARCHAR,
  coalesce(to_json(list(struct_pack(name := last.name, value := last.value) ORDER BY last.name) FILTER (last.name IS NOT NULL))::VARCHAR, '[]')
FROM drawn LEFT JOIN last USING (session)
GROUP BY version, session
ORDER BY version, md5(session), session
