-- last_coverage: the first hour in which a user was in the test whose number for exposure is at
-- least Least; no row where there is none.
-- The number is what the router draws: the first 53 bits of SHA-256 over
-- '<byte length of salt>:<salt>:<unit>', divided by 2^53.
SELECT hour FROM units
WHERE stratum IN ({{.Strata}})
  AND (('0x' || substr(sha256(strlen({{.Salt}}) || ':' || {{.Salt}} || ':' || unit), 1, 14))::BIGINT >> 3) / 9007199254740992 >= {{.Least}}
ORDER BY hour LIMIT 1
