-- excluded: a row a reason, with the units of each arm that enter no test.
SELECT reason, count(*) FILTER (NOT treated), count(*) FILTER (treated)
FROM (
  SELECT arg_min(coalesce(CASE WHEN reason = 'rule' THEN 'rule ' || rule ELSE reason END, 'not randomised'), (started_at, trace_id)) AS reason,
    arg_min(treated, (started_at, trace_id)) AS treated
  FROM release_rows WHERE NOT randomized GROUP BY {{.Unit}}
)
GROUP BY reason ORDER BY reason
