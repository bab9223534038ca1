-- losses: one row, the exchanges that are known to be missing: of control, of
-- treatment, of nobody knows which.
SELECT
  coalesce(sum(rows) FILTER (version = {{.Control}}), 0)::BIGINT,
  coalesce(sum(rows) FILTER (version = {{.Treatment}}), 0)::BIGINT,
  coalesce(sum(rows) FILTER (version IS NULL), 0)::BIGINT
FROM losses
WHERE app = {{.App}} AND (release = {{.Release}} OR release IS NULL)
