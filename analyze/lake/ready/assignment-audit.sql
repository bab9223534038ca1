-- Whether every drawn assignment is the one that the hash gives, computed anew: disagreeing is 0 throughout where it is.
-- u is the first 53 bits of SHA-256 over '<byte length of salt>:<salt>:<unit id>', divided by
-- 2^53: 14 hexadecimal digits are 56 bits, shifted by 3. The candidate has [0, share); it is the
-- version of a release under which the fewest disagree. Under unit user the share is 1/2
-- throughout; which users were covered when, no row says.
WITH assigned AS (
  SELECT DISTINCT app, release, unit_id, epoch, coalesce(rule, '') AS rule, assigned_version AS version, propensity
  FROM traces
  WHERE randomized AND propensity IS NOT NULL AND unit_id IS NOT NULL AND release IS NOT NULL AND case_id IS NULL
), salted AS (
  SELECT *, app || '/' || release || '/arm' AS salt FROM assigned
), drawn AS (
  SELECT *, (('0x' || substr(sha256(strlen(salt) || ':' || salt || ':' || unit_id), 1, 14))::BIGINT >> 3) / 9007199254740992 AS u
  FROM salted
), judged AS (
  SELECT d.app, d.release, d.epoch, d.rule, d.unit_id, c.candidate, d.version = c.candidate AS treated,
    CASE WHEN d.version = c.candidate THEN d.propensity ELSE 1 - d.propensity END AS share,
    (d.u < CASE WHEN d.version = c.candidate THEN d.propensity ELSE 1 - d.propensity END) IS DISTINCT FROM (d.version = c.candidate) AS disagrees
  FROM drawn AS d JOIN (
    SELECT DISTINCT app, release, version AS candidate FROM drawn
    UNION ALL SELECT DISTINCT app, release, '' FROM drawn -- it has no unit yet
  ) AS c USING (app, release)
), candidates AS (
  SELECT app, release, arg_min(candidate, (disagreeing, candidate)) AS candidate
  FROM (SELECT app, release, candidate, count(*) FILTER (disagrees) AS disagreeing FROM judged GROUP BY ALL)
  GROUP BY ALL
)
SELECT app, release, nullif(candidate, '') AS candidate, epoch, rule, round(share, 12) AS share,
  count(*) AS assignments,
  count(*) FILTER (treated) AS treated,
  count(*) FILTER (disagrees) AS disagreeing,
  min(unit_id) FILTER (disagrees) AS example
FROM judged JOIN candidates USING (app, release, candidate)
GROUP BY ALL
ORDER BY app, release, epoch, rule, share
