-- first_units: one row, how many of control's first units there are up to a
-- time (at most as many as asked for), and when the last of them was assigned.
SELECT count(*), max(assigned_at)
FROM (
  SELECT unit, min(assigned_at) AS assigned_at FROM test_rows
  WHERE NOT treated AND assigned_at <= {{.Until}}
  GROUP BY unit ORDER BY assigned_at, unit LIMIT {{.Units}}
)
