-- pasts: a row a user, what a metric was over the user's units before the
-- release.
-- Columns: id: the user; value: the figure less its mean over users.
SELECT id, value - avg(value) OVER () AS value
FROM (SELECT {{.User}} AS id, {{.Value}} AS value FROM {{.From}} WHERE {{.Mature}} AND {{.User}} IS NOT NULL GROUP BY id)
WHERE value IS NOT NULL
