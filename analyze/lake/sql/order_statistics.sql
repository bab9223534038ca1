-- order_statistics: a row a wanted rank of a cell, with the value of that rank
-- (from 0) among the cell's rows. Only values between the least and the most
-- that any wanted bin can hold are looked at; where a value is a column's own, the scan of the file leaves out the others.
WITH bins(cell, bin, below) AS (VALUES {{.Bins}}),
ranks(cell, rank) AS (VALUES {{.Ranks}}),
near AS (
  SELECT cell, bin, below, value
  FROM (SELECT {{.Cell}} AS cell, {{.Bin}} AS bin, {{.Value}} AS value FROM {{.From}} AND {{.Value}} BETWEEN {{.Least}} AND {{.Most}}{{if .Raw}} AND {{.Raw}} BETWEEN {{.Least}} AND {{.Most}}{{end}}) JOIN bins USING (cell, bin)
),
ranked AS (
  SELECT cell, value, below + row_number() OVER (PARTITION BY cell, bin ORDER BY value) - 1 AS rank FROM near
)
SELECT cell, rank, value FROM ranked JOIN ranks USING (cell, rank)
