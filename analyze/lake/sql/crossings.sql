-- crossings: a row a unit whose requests were assigned differently; the first
-- request's assignment is the unit's.
CREATE OR REPLACE TEMP TABLE crossings AS
SELECT
  unit,
  arg_min(treated, (started_at, trace_id)) AS treated,
  arg_min(epoch, (started_at, trace_id)) FILTER (epoch IS NOT NULL) AS epoch,
  arg_min(coalesce(rule, ''), (started_at, trace_id)) AS rule,
  arg_min(propensity, (started_at, trace_id)) FILTER (propensity IS NOT NULL) AS propensity,
  count(DISTINCT treated) > 1 AS crossed
FROM test_rows
WHERE unit IN (SELECT unit FROM units WHERE mixed)
GROUP BY unit
