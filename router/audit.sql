-- audit: a row a stratum of one release, and how its assignments agree with the draw.
-- Reads: traces. Parameters: $app, $release, $candidate.
-- Columns: epoch; rule ('' where none decided); share (of the candidate, in (0, 1));
-- assignments (distinct ones of a unit; one evicted and assigned anew has several);
-- treated (of these, to the candidate); disagreeing (of these, not what the draw gives);
-- example (a unit that disagrees; null where none does).
--
-- u is the first 53 bits of SHA-256 over '<byte length of salt>:<salt>:<unit id>', divided by
-- 2^53: 14 hexadecimal digits are 56 bits, shifted by 3. The candidate has [0, share).
WITH assigned AS (
  SELECT DISTINCT unit_id, epoch, coalesce(rule, '') AS rule, assigned_version = $candidate AS treated, propensity
  FROM traces
  WHERE app = $app AND release = $release AND randomized AND case_id IS NULL
), salted AS (
  SELECT *, $app || '/' || $release || '/arm' AS salt,
    CASE WHEN treated THEN propensity ELSE 1 - propensity END AS share
  FROM assigned
), drawn AS (
  SELECT *,
    (('0x' || substr(sha256(strlen(salt) || ':' || salt || ':' || unit_id), 1, 14))::BIGINT >> 3) / 9007199254740992 AS u
  FROM salted
)
SELECT epoch, rule, round(share, 12) AS share,
  count(*) AS assignments,
  count(*) FILTER (treated) AS treated,
  count(*) FILTER ((u < share) IS DISTINCT FROM treated) AS disagreeing,
  min(unit_id) FILTER ((u < share) IS DISTINCT FROM treated) AS example
FROM drawn
GROUP BY ALL
ORDER BY epoch, rule, share
