-- assigned_rows: test_rows with the assignment of each unit's first request.
SELECT test_rows.* REPLACE (
  coalesce(crossings.treated, test_rows.treated) AS treated,
  CASE WHEN crossings.unit IS NULL THEN test_rows.epoch ELSE crossings.epoch END AS epoch,
  CASE WHEN crossings.unit IS NULL THEN test_rows.rule ELSE crossings.rule END AS rule,
  CASE WHEN crossings.unit IS NULL THEN test_rows.propensity ELSE crossings.propensity END AS propensity)
FROM test_rows LEFT JOIN crossings USING (unit)
