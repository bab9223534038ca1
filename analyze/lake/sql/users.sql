-- users: one row, how many users there are, to some percent, and how many units
-- the user with most has among a sample of units.
SELECT approx_count_distinct(user_id), (
  SELECT max(units) FROM (
    SELECT count(DISTINCT unit) AS units FROM test_rows
    {{- if gt .Factor 1}} WHERE {{.Draw}} % {{.Factor}} = 0{{end}}
    GROUP BY user_id
  )
)
FROM test_rows
