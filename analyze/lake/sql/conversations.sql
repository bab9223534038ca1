-- conversations: a row a conversation of a unit, as a judge may draw it: the first,
-- or of units that are users every one. Offline, a row a run of a case.
-- Columns: unit: what is drawn; offline the case; session: its id, else its only
-- request's; single: it has no session id; spoken: some request has a text; treated and stratum: of its first
-- request; assigned_us: of the unit, since 1970, null where rows have no times;
-- starts_us, ends_us: of its requests, in order; language, region, device,
-- attributes (JSON): the first that is known; case_id, trial; outcomes: the last
-- value of each name reported on the session, as JSON.
WITH rows_of_release AS (
  SELECT *,
    {{- if .Offline}}
    case_id AS unit, concat(assigned_version, chr(2), coalesce(session_id, trace_id)) AS part,
    {{- else}}
    coalesce(unit_id, {{.UnitColumn}}, chr(1) || trace_id) AS unit, '' AS part,
    {{- end}}
    coalesce(session_id, trace_id) AS session,
    struct_pack(a := started_at IS NULL, b := started_at, c := turn, d := trace_id) AS place
  FROM traces
  WHERE app = {{.App}} AND (release = {{.Release}} OR release IS NULL)
    AND assigned_version IN ({{.Control}}, {{.Treatment}})
    AND case_id IS {{if .Offline}}NOT {{end}}NULL
    AND (started_at IS NULL OR started_at <= {{.AsOf}})
),
spoken AS (
  SELECT unit, part, session,
    bool_and(session_id IS NULL) AS single,
    bool_or(trace_id IN (SELECT trace_id FROM contents WHERE app = {{.App}})) AS spoken,
    min(place) AS place,
    arg_min(assigned_version = {{.Treatment}}, place) AS treated,
    arg_min(coalesce(randomized, true), place) AS drawn,
    arg_min(concat_ws(' ', epoch, rule), place) AS stratum,
    min(epoch_us(coalesce(assigned_at, started_at))) AS assigned_us,
    coalesce(list(epoch_us(started_at) ORDER BY place) FILTER (started_at IS NOT NULL), []) AS starts_us,
    coalesce(list((epoch_us(started_at) + 1000 * coalesce(latency_ms, 0))::BIGINT ORDER BY place) FILTER (started_at IS NOT NULL), []) AS ends_us,
    arg_min(language, place) FILTER (language IS NOT NULL) AS language,
    arg_min(region, place) FILTER (region IS NOT NULL) AS region,
    arg_min(device, place) FILTER (device IS NOT NULL) AS device,
    to_json(arg_min(attributes, place) FILTER (attributes IS NOT NULL))::VARCHAR AS attributes,
    min(case_id) AS case_id, min(trial) AS trial, count(*) AS requests
  FROM rows_of_release
  GROUP BY unit, part, session
),
firsts AS (
  SELECT * REPLACE (min(assigned_us) OVER (PARTITION BY unit, part) AS assigned_us) FROM spoken
  {{- if not .EverySession}}
  QUALIFY row_number() OVER (PARTITION BY unit, part ORDER BY place, session) = 1
  {{- end}}
),
last AS (
  SELECT session_id AS session, name, arg_max(value, coalesce(occurred_at, '-infinity'::TIMESTAMPTZ)) AS value
  FROM outcomes WHERE app = {{.App}} AND session_id IS NOT NULL
    AND (occurred_at IS NULL OR occurred_at <= {{.AsOf}})
  GROUP BY ALL
),
reported AS (
  SELECT session, to_json(map_from_entries(list((name, value) ORDER BY name)))::VARCHAR AS outcomes FROM last GROUP BY session
)
SELECT firsts.unit, firsts.session, single, spoken, treated, stratum, assigned_us, starts_us, ends_us,
  coalesce(language, ''), coalesce(region, ''), coalesce(device, ''), coalesce(attributes, '{}'),
  coalesce(case_id, ''), trial, requests, coalesce(outcomes, '{}')
FROM firsts LEFT JOIN reported ON reported.session = firsts.session
WHERE drawn {{if .From}}AND (assigned_us IS NULL OR assigned_us >= {{.From}}){{end}}
ORDER BY assigned_us NULLS LAST, unit, firsts.session
