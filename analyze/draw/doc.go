// Package draw sums up units that were drawn: units from a pool, for planning,
// or arms for units, for asking what another assignment of the same units would
// have said.
package draw
