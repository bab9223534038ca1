-- repeated_outcome: a row a unit to whose session one outcome was reported more than once, the
-- last value in the column's window; of events at the same time, the largest value.
-- Columns: id: the unit's row in units; value, null where no event is in the window.
SELECT units.rowid AS id, arg_max(value, ({{.Time}}, value)) FILTER (true {{.Window}}) AS value
FROM outcomes JOIN units ON units.unit = outcomes.session_id
WHERE {{.Where}} AND units.rowid IN (SELECT id FROM direct_outcomes WHERE {{.Events}} > 1)
GROUP BY units.rowid
