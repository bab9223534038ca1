-- arrivals: a row an hour and stratum, with the units assigned in it.
SELECT hour, stratum, count(*) FILTER (NOT treated), count(*) FILTER (treated)
FROM units GROUP BY hour, stratum ORDER BY hour, stratum
