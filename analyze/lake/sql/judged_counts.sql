-- judged_counts: a row an arm: units that enter, judged, labelled, given up, of a stated
-- probability and not, and how score and label agree (00, 01, 10, 11: score, label); units that
-- do not enter yet.
SELECT treated, count(*) FILTER (entering),
  count(*) FILTER (entering AND x5 > 0), count(*) FILTER (entering AND x6 > 0), count(*) FILTER (entering AND given_up),
  count(*) FILTER (entering AND agree = 0), count(*) FILTER (entering AND agree = 1),
  count(*) FILTER (entering AND agree = 2), count(*) FILTER (entering AND agree = 3),
  count(*) FILTER (NOT entering)
FROM judged_vectors GROUP BY treated
