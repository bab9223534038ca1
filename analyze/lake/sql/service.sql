-- service: one row; for both arms units, requests, units with a served version,
-- units served as assigned throughout, units assigned otherwise later, most
-- requests of one unit.
SELECT
  count(*) FILTER (NOT treated), count(*) FILTER (treated),
  coalesce(sum(requests) FILTER (NOT treated), 0)::BIGINT, coalesce(sum(requests) FILTER (treated), 0)::BIGINT,
  count(*) FILTER (NOT treated AND served > 0), count(*) FILTER (treated AND served > 0),
  count(*) FILTER (NOT treated AND served > 0 AND complied = served), count(*) FILTER (treated AND served > 0 AND complied = served),
  count(*) FILTER (NOT treated AND crossed), count(*) FILTER (treated AND crossed),
  coalesce(max(requests) FILTER (NOT treated), 0), coalesce(max(requests) FILTER (treated), 0)
FROM (SELECT treated, requests, crossed, {{.Served}} AS served, {{.Complied}} AS complied FROM units)
