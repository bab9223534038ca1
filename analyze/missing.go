package analyze

import (
	"cmp"
	"slices"

	"weir/analyze/cluster"
	"weir/analyze/sequential"
)

// missing fills in the share of units without a value.
func (e *evaluator) missing(control, treatment int64) {
	for _, a := range Arms {
		if n := [...]int64{control, treatment}[a]; n > 0 {
			e.arm(a).Missing = Number(float64(e.in.Missing.Of(a)) / float64(n))
			e.arm(a).Filled = e.keepsMissing()
		}
	}
}

// all is how many mature units there are: those counted and, unless they are
// scored and so among them, those without a value.
func (e *evaluator) all(counted, missing int64) int64 {
	if e.keepsMissing() {
		return counted
	}
	return counted + missing
}

// keepsMissing reports whether units without a value are among the units counted.
func (e *evaluator) keepsMissing() bool { return e.in.Metric.Scored() }

// compareMissing flags a metric whose values are missing more often in one
// arm: what is left may be a biased part of it, so it cannot be called better
// on it.
func (e *evaluator) compareMissing() {
	a, b := e.out.Control, e.out.Treatment
	if !a.Missing.Known() || !b.Missing.Known() || e.keepsMissing() || e.in.Missing == (ByArm{}) {
		return
	}
	p := e.missingAlike()
	if p < healthP {
		e.out.MissingDiffers = true
		e.warn("values are missing for %.1f %% of %s and %.1f %% of %s (p %.2g): the figures are those of the survivors and are not counted as better",
			100*a.Missing, e.data.Control, 100*b.Missing, e.data.Treatment, p)
	}
}

// missingAlike is the p-value of values missing at one rate in both arms.
func (e *evaluator) missingAlike() float64 {
	if len(e.in.Lacking) > 0 {
		blocks := e.responses()
		if e.data.Design.Method == Sequential {
			return respondAlike(blocks)
		}
		if len(e.data.Strata) > 1 {
			return respondAlikeOnce(blocks, len(e.data.Strata))
		}
	}
	there := ByArm{Control: e.out.Control.Units, Treatment: e.out.Treatment.Units}
	if e.data.Design.Kind == Paired {
		there = ByArm{Control: e.data.Units.Control - e.in.Missing.Control, Treatment: e.data.Units.Treatment - e.in.Missing.Treatment}
	}
	return e.data.splitsAlike(e.in.Missing, there)
}

// A response counts the units of one stratum and hour that have a value and that lack one.
type response struct {
	stratum        int
	hour           int64
	there, lacking ByArm
}

// responses are those of the units that are tested, in order of hour.
func (e *evaluator) responses() []response {
	at := map[[2]int64]int{}
	var out []response
	of := func(stratum int, hour int64) *response {
		key := [2]int64{int64(stratum), hour}
		i, ok := at[key]
		if !ok {
			i, at[key] = len(out), len(out)
			out = append(out, response{stratum: stratum, hour: hour})
		}
		return &out[i]
	}
	for _, c := range e.counted(e.in.Cells) {
		r := of(c.Stratum, c.Hour)
		if c.Arm == Control {
			r.there.Control += c.N
		} else {
			r.there.Treatment += c.N
		}
	}
	for _, a := range e.in.Lacking {
		if e.in.Restart == nil || a.Hour >= e.in.Restart.Since {
			of(a.Stratum, a.Hour).lacking = a.ByArm
		}
	}
	slices.SortStableFunc(out, func(a, b response) int {
		return cmp.Or(cmp.Compare(a.hour, b.hour), cmp.Compare(a.stratum, b.stratum))
	})
	return out
}

// trials are how many of an arm's units lack a value.
func (r response) trials(a Arm) sequential.Trials {
	lacking := float64(r.lacking.Of(a))
	return sequential.Trials{Events: lacking, Units: lacking + float64(r.there.Of(a))}
}

// respondAlike is the p-value at every look: each hour of a stratum compares its arms at a rate of its own, so that
// neither a drift of it nor a change of the share looks like a difference.
func respondAlike(blocks []response) float64 {
	var test sequential.EqualRates
	for _, r := range blocks {
		test.Add(r.trials(Control), r.trials(Treatment))
	}
	return test.P()
}

// respondAlikeOnce is Cochran's test over strata, at one look.
func respondAlikeOnce(blocks []response, strata int) float64 {
	tables := make([]cluster.Table, strata)
	for _, r := range blocks {
		t, a, b := &tables[r.stratum], r.trials(Control), r.trials(Treatment)
		t.SuccessA += a.Events
		t.A += a.Units
		t.SuccessB += b.Events
		t.B += b.Units
	}
	return cluster.CochranMantelHaenszel(tables).P
}
