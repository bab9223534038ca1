// Package aa asks a release's own units what the analysis would have said had
// the versions been the same: arms are drawn anew for every unit, each by the
// propensity of its stratum, in the order in which units came, and everything
// is computed as it always is. Whatever is then found is a false alarm.
//
// It tests the sharp null hypothesis, that no unit would have been different
// under the other version. It cannot see what does not depend on the arm a
// unit was given: units that influence each other, a version that starves the other, or an
// assignment that was not by chance.
package aa
