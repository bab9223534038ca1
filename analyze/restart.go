package analyze

import (
	"fmt"
	"math"
	"slices"
)

// A Restart says that a metric's definition, alpha, cap or threshold was
// changed while the release ran: only later units are tested, at alpha / 2^K.
type Restart struct {
	K     int   `json:"k"`     // the release's K-th restart
	Since int64 `json:"since"` // hour of assignment, since 1970 UTC, from which on units count
}

// factor is what alpha is divided by.
func (r *Restart) factor() float64 {
	if r == nil {
		return 1
	}
	return math.Exp2(float64(r.K))
}

// An Amendment is one thing that was changed in the promise while the release
// ran.
type Amendment struct {
	At     string `json:"at"`     // time of the look that found it, RFC 3339
	Change string `json:"change"` // amended, restart
	Path   string `json:"path"`   // such as metrics.handoff.margin
	Old    string `json:"old"`
	New    string `json:"new"`
}

// String says what was changed, in a clause.
func (a Amendment) String() string {
	said := fmt.Sprintf("%s was changed from %s to %s while the release ran", a.Path, orNothing(a.Old), orNothing(a.New))
	if a.Change == "restart" {
		said += ": what it touches starts anew on later units, at half the alpha of the start before"
	}
	return said
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// alpha is the metric's: the design's, halved by each restart of the release.
func (e *evaluator) alpha() float64 { return e.data.Design.Alpha / e.in.Restart.factor() }

// counted gives the cells whose units are tested.
func (e *evaluator) counted(cells []Cell) []Cell {
	if e.in.Restart == nil {
		return cells
	}
	return slices.DeleteFunc(slices.Clone(cells), func(c Cell) bool { return c.Hour < e.in.Restart.Since })
}

// scaleRestarted multiplies a restarted metric's p-values by 2^K, so that all
// metrics are held to one alpha.
func (e *evaluator) scaleRestarted() {
	f := e.in.Restart.factor()
	if f == 1 {
		return
	}
	for _, p := range []*Number{&e.out.Test.PValue, &e.out.Absolute.PValue, &e.out.Margin.PValue, &e.out.Margin.HarmPValue} {
		if p.Known() {
			*p = Number(math.Min(1, float64(*p)*f))
		}
	}
	e.warn("the metric was changed while the release ran: only units assigned from then on are tested, at alpha %.3g", e.alpha())
}
