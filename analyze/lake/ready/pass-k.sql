-- pass^k of each version's offline runs: the mean over cases of the chance that k trials drawn of the case's n all resolve, C(c,k)/C(n,k).
WITH runs AS (
  SELECT traces.app, assigned_version AS version, case_id, coalesce(traces.session_id, traces.trace_id) AS run,
    max(outcomes.value) AS resolved
  FROM traces LEFT JOIN outcomes ON outcomes.app = traces.app AND outcomes.name = 'resolved'
    AND (outcomes.session_id = traces.session_id OR outcomes.trace_id = traces.trace_id)
  WHERE case_id IS NOT NULL GROUP BY ALL
),
cases AS (SELECT app, version, case_id, count(*) AS n, coalesce(sum(resolved), 0) AS c FROM runs GROUP BY ALL)
SELECT app, version, k, count(*) AS cases,
  avg(CASE WHEN c < k THEN 0 ELSE exp(lgamma(c + 1) - lgamma(c - k + 1) - lgamma(n + 1) + lgamma(n - k + 1)) END) AS pass_k
FROM cases, range(1, 9) AS ks(k) WHERE k <= n
GROUP BY ALL ORDER BY ALL
