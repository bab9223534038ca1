-- profile: a row a way of assignment, what the columns of the release's rows
-- hold. Ways are few: version, live or offline, epoch, rule, propensity.
-- Columns: treated, offline, epoch (-1: null), rule (empty: null), share
-- (probability of treatment, -1: null), randomized (null where not said), and
-- counts of rows that have a column. Versions are picked by a function of their
-- column, which is evaluated once a dictionary of the file and not once a row.
SELECT treated, offline,
  coalesce(epoch, -1) AS epoch,
  coalesce(rule, '') AS rule,
  coalesce(round(CASE WHEN treated THEN propensity ELSE 1 - propensity END, 9), -1) AS share,
  * EXCLUDE (treated, offline, epoch, rule, propensity)
FROM (
  SELECT
    assigned_version = {{.Treatment}} AS treated, case_id IS NOT NULL AS offline, epoch, rule, propensity, randomized,
    count(*) AS total,
    count(assigned_at) AS assigned,
    count(started_at) AS started,
    count(promise_hash) AS promises,
    count(served_version) AS served,
    count(*) FILTER (served_version <> assigned_version) AS misserved,
    min(coalesce(assigned_at, started_at)) AS first,
    max(coalesce(assigned_at, started_at)) AS last,
    coalesce(max(epoch_us(started_at) - epoch_us(assigned_at)), 0) AS oldest,
    count(user_id) AS users,
    count(release) AS released
  FROM traces
  WHERE app = {{.App}}
    {{- if .Before}} AND assigned_version = {{.Control}} AND case_id IS NULL AND started_at >= {{.From}}
    AND (randomized OR rule IS NULL)
    {{- else}} {{if not .AnyRelease}}AND (release = {{.Release}} OR release IS NULL){{end}}
    AND list_contains([{{.Control}}, {{.Treatment}}], assigned_version)
    {{- end}}
    AND (started_at IS NULL OR started_at <= {{.AsOf}})
  GROUP BY ALL
)
ORDER BY first, epoch, rule, share, treated
