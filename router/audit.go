package router

import _ "embed"

// Audit is SQL, in DuckDB's dialect, that recomputes the draw of every
// randomised assignment from the view traces of a lake: a row a stratum, with
// the assignments that are not what [Draw] gives. Where the column disagreeing
// is 0 throughout, the router assigned as it says it did.
//
// It takes the named parameters app, release and candidate. It checks the arm
// at the propensity on the row, which under unit user is 1/2 throughout; which
// users were covered when, no row says.
//
//go:embed audit.sql
var Audit string
