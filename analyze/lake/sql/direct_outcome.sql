-- direct_outcome: a row a unit, the last value of one outcome that was reported
-- on the session of the unit's name, among the events in the unit's window.
-- Columns: id: the unit's row in units; value, null where no event is in the
-- window; events: how many there are in all.
SELECT units.rowid AS id, arg_max(value, {{.Key}}) FILTER (true {{.Window}}) AS value, count(*) AS events
FROM outcomes JOIN units ON units.unit = outcomes.session_id
WHERE {{.Where}}
GROUP BY units.rowid
