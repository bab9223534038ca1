-- judged_units: a row a unit with judgments by one judge, averaged over what may be
-- judged of it (its sessions, or its requests).
-- Columns: id: the unit's row in units; hour, treated; hash; the vector of a judge's
-- metric: judged_weight, judged_score, labelled_weight, labelled_score, label, judged,
-- labelled; given_up: drawn and never judged; waiting; uncertain: drawn with a
-- probability that nobody states; label_drawn, label_waiting, label_uncertain; agree:
-- whether score and label are from one half on, as 2 x score + label, null without both.
CREATE OR REPLACE TEMP TABLE judged_units AS
WITH places AS (SELECT DISTINCT unit, {{.Place}} AS subject FROM {{.Rows}}),
sized AS (SELECT unit, subject, count(*) OVER (PARTITION BY unit) AS places FROM places),
drawn AS (
  SELECT unit, places, hash, score, coalesce(q, 1) AS q, q IS NULL AS uncertain, judged_rows.waiting AS waiting,
    CASE WHEN score IS NOT NULL THEN label END AS label, coalesce(l, 1) AS l, label_rows.subject IS NOT NULL AS label_drawn,
    coalesce(label_rows.waiting, false) AS label_waiting, label_rows.subject IS NOT NULL AND l IS NULL AS label_uncertain, judged_at
  FROM judged_rows JOIN sized USING (subject) LEFT JOIN label_rows USING (subject)
)
SELECT units.rowid AS id, any_value(units.hour) AS hour, any_value(units.treated) AS treated, hash, max(judged_at) AS judged_at,
  coalesce(sum(1 / q) FILTER (score IS NOT NULL), 0) / any_value(places) AS judged_weight,
  coalesce(sum(score / q), 0) / any_value(places) AS judged_score,
  coalesce(sum(1 / (q * l)) FILTER (label IS NOT NULL), 0) / any_value(places) AS labelled_weight,
  coalesce(sum(score / (q * l)) FILTER (label IS NOT NULL), 0) / any_value(places) AS labelled_score,
  coalesce(sum(label / (q * l)), 0) / any_value(places) AS label,
  bool_or(score IS NOT NULL)::INTEGER::DOUBLE AS judged,
  bool_or(label IS NOT NULL)::INTEGER::DOUBLE AS labelled,
  bool_and(score IS NULL) AS given_up,
  bool_or(drawn.waiting) AS waiting, bool_or(uncertain) AS uncertain,
  bool_or(label_drawn) AS label_drawn, bool_or(label_waiting) AS label_waiting, bool_or(label_uncertain) AS label_uncertain,
  2 * (avg(score) FILTER (label IS NOT NULL) >= .5)::INTEGER + (avg(label) >= .5)::INTEGER AS agree
FROM drawn JOIN units ON units.unit = drawn.unit
GROUP BY units.rowid, hash
