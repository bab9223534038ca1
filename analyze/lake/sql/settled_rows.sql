-- settled_rows: test_rows of the units in crossings, with the assignment of
-- their first request.
CREATE OR REPLACE TEMP VIEW settled_rows AS
SELECT test_rows.* REPLACE (crossings.treated AS treated, crossings.epoch AS epoch, crossings.rule AS rule, crossings.propensity AS propensity),
  crossings.crossed AS crossed
FROM test_rows JOIN crossings USING (unit)
