-- case_overlap: one row, how many cases ran under control, under treatment and under both.
SELECT count(*) FILTER (control), count(*) FILTER (treatment), count(*) FILTER (control AND treatment)
FROM (SELECT case_id, bool_or(NOT treated) AS control, bool_or(treated) AS treatment FROM units GROUP BY case_id)
