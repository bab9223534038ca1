package analyze

import (
	"fmt"
	"math"
	"slices"

	"weir/analyze/dist"
	"weir/analyze/fixed"
	"weir/analyze/sequential"
)

// The limits of health. Below the p-value, above the loss or under the
// compliance a comparison is invalid; the rates count from healthUnits units
// in each arm on and warn before.
const (
	healthP       = .001
	healthWarnP   = .01
	maxLoss       = .05
	minCompliance = .98
	healthUnits   = 100
)

// health judges whether the comparison can be trusted.
func (d Data) health() Health {
	h := Health{Warnings: []string{}}
	enough := min(d.Units.Control, d.Units.Treatment) >= healthUnits
	if d.Design.Offline {
		h.SRM = SRM{PValue: Unknown, Expected: Unknown, Observed: Unknown, OK: true, Note: "offline runs are not randomised"}
		h.Compliance = Compliance{Control: Unknown, Treatment: Unknown, OK: true, Note: "offline runs are served as asked"}
	} else {
		h.SRM = d.srm(&h)
		h.Compliance = d.compliance(&h, enough)
	}
	h.Loss = d.loss(&h, enough)
	h.Judgments = d.judgments(&h)
	if !d.Design.Offline {
		h.Concentration = d.concentration(&h)
	}
	if n := d.Service.Crossed; n.Control+n.Treatment > 0 {
		h.warn("%d units of %s and %d of %s were assigned another version later; they count where they were assigned first",
			n.Control, d.Control, n.Treatment, d.Treatment)
	}
	h.OK = h.SRM.OK && h.Loss.OK && h.Compliance.OK && (h.Judgments == nil || h.Judgments.OK)
	return h
}

// unchecked says of a rule of health that cannot be checked whether it blocks: in traces
// of Weir's own router, which writes the column, it does.
func (d Data) unchecked(h *Health, why string) (ok bool) {
	if d.Own && !d.Design.Offline {
		h.warn("%s, although Weir's router wrote the log: it is incomplete", why)
		return false
	}
	return true
}

func (h *Health) warn(format string, args ...any) {
	h.Warnings = append(h.Warnings, fmt.Sprintf(format, args...))
}

// srm compares the realised split with the intended one, stratum by stratum:
// chi-square under a fixed method, under a sequential one the product of the
// strata's Dirichlet-multinomial e-processes (Lindon and Malek 2022).
func (d Data) srm(h *Health) SRM {
	out := SRM{PValue: Unknown, Expected: Unknown, Observed: Unknown, OK: true}
	if !d.Design.Randomized {
		out.Note = "the assignment is not known to be randomised: state propensity or randomized among the mapping's constants"
		out.OK = d.unchecked(h, "rows do not say that their units were randomised")
		return out
	}
	counts := make([]ByArm, len(d.Strata))
	logE, highest, expected, treated, total := 0.0, 0.0, 0.0, 0.0, 0.0
	hour := int64(math.MinInt64)
	for _, a := range d.Arrived {
		if a.Hour != hour {
			highest, hour = math.Max(highest, logE), a.Hour
		}
		if !d.Strata[a.Stratum].Known {
			continue
		}
		share, c := d.Strata[a.Stratum].Share, &counts[a.Stratum]
		logE -= splitLogE(*c, share)
		c.Control += a.Control
		c.Treatment += a.Treatment
		logE += splitLogE(*c, share)
		n := float64(a.Control + a.Treatment)
		expected += n * share
		treated += float64(a.Treatment)
		total += n
	}
	highest = math.Max(highest, logE)
	if total == 0 {
		out.Note = "no randomised units of a stated propensity"
		out.OK = d.unchecked(h, "no row states its unit's propensity")
		return out
	}
	out.Expected, out.Observed = Number(expected/total), Number(treated/total)
	p := math.Exp(-highest)
	if d.Design.Method == Fixed {
		p = splitP(counts, d.Strata)
	}
	out.PValue = Number(p)
	out.Strata = d.splits(counts)
	out.OK = p >= healthP
	switch {
	case !out.OK:
		h.warn("sample ratio mismatch: treatment has %.2f %% of units where %.2f %% were intended (p %.2g); something loses or adds units of one arm", 100*out.Observed, 100*out.Expected, p)
	case p < healthWarnP:
		h.warn("the split of units is unlikely: treatment has %.2f %% where %.2f %% were intended (p %.2g); invalid below %g", 100*out.Observed, 100*out.Expected, p, healthP)
	}
	return out
}

// splits lists the strata of known propensity with their own p-values.
func (d Data) splits(counts []ByArm) []Split {
	highest := make([]float64, len(counts))
	seen := make([]ByArm, len(counts))
	for _, a := range d.Arrived {
		c := &seen[a.Stratum]
		c.Control += a.Control
		c.Treatment += a.Treatment
		if s := d.Strata[a.Stratum]; s.Known {
			highest[a.Stratum] = math.Max(highest[a.Stratum], splitLogE(*c, s.Share))
		}
	}
	var out []Split
	for i, c := range counts {
		if c == (ByArm{}) {
			continue
		}
		p := math.Exp(-highest[i])
		if d.Design.Method == Fixed {
			p = splitP(counts[i:i+1], d.Strata[i:i+1])
		}
		out = append(out, Split{Stratum: d.Strata[i], ByArm: c, PValue: Number(p)})
	}
	return out
}

// splitConcentration is k of the Dirichlet(k x share) mixture: larger looks for smaller mismatches.
const splitConcentration = 100

func splitLogE(n ByArm, share float64) float64 {
	return sequential.LogEMultinomial([]float64{float64(n.Control), float64(n.Treatment)}, []float64{1 - share, share}, splitConcentration)
}

// splitP is chi-square over strata, with a degree of freedom each.
func splitP(counts []ByArm, strata []Stratum) float64 {
	chi2, df := 0.0, 0.0
	for i, c := range counts {
		if n := float64(c.Control + c.Treatment); n > 0 {
			share := strata[i].Share
			off := float64(c.Treatment) - n*share
			chi2 += off * off / (n * share * (1 - share))
			df++
		}
	}
	return dist.ChiSquareSurvival(chi2, df)
}

// loss compares what each arm lost with what it kept.
func (d Data) loss(h *Health, enough bool) Loss {
	lost, kept := d.Service.Lost, d.Units.Requests
	what := "exchanges"
	if d.Design.Kind == Paired {
		lost, kept, what = d.Service.Unmatched, ByArm{d.Units.Control, d.Units.Treatment}, "cases"
	}
	out := Loss{ByArm: lost, UnknownArm: d.Service.LostUnknown, Rate: Unknown, PValue: Unknown, OK: true}
	all := float64(lost.Control + lost.Treatment + kept.Control + kept.Treatment + out.UnknownArm)
	if all == 0 {
		return out
	}
	out.Rate = Number(float64(lost.Control+lost.Treatment+out.UnknownArm) / all)
	if lost.Control+lost.Treatment > 0 {
		out.PValue = Number(d.splitsAlike(lost, kept))
	}
	tooMuch, differs := float64(out.Rate) > maxLoss, out.PValue.Known() && out.PValue < healthP
	switch {
	case differs:
		h.warn("loss differs between arms: %d %s of %s and %d of %s are missing (p %.2g); what is left may be a biased part", lost.Control, what, d.Control, lost.Treatment, d.Treatment, float64(out.PValue))
	case tooMuch:
		h.warn("%.1f %% of %s are missing; above %g %% the comparison is invalid", 100*out.Rate, what, 100*maxLoss)
	case out.Rate > 0:
		h.warn("%d %s of %s, %d of %s and %d of unknown arm are missing", lost.Control, what, d.Control, lost.Treatment, d.Treatment, out.UnknownArm)
	}
	out.OK = !(enough && (tooMuch || differs))
	return out
}

// splitsAlike is the p-value of what is missing falling on the arms as what is
// there does: Fisher's exact under a fixed method, always valid under a sequential one.
func (d Data) splitsAlike(missing, there ByArm) float64 {
	control, treatment := float64(missing.Control+there.Control), float64(missing.Treatment+there.Treatment)
	if control == 0 || treatment == 0 {
		return math.NaN()
	}
	if d.Design.Method == Fixed {
		return fisherP(fixed.Proportion{Successes: float64(missing.Control), Trials: control}, fixed.Proportion{Successes: float64(missing.Treatment), Trials: treatment})
	}
	return math.Min(1, math.Exp(-splitLogE(missing, treatment/(control+treatment))))
}

// maxMissingJudgments is above which share of drawn units without a judgment a comparison is invalid.
const maxMissingJudgments = .2

// judgments compares what judges failed to judge; nil where nothing is judged.
func (d Data) judgments(h *Health) *Judgments {
	var out *Judgments
	for _, m := range d.Metrics {
		if !m.Metric.Judged || m.Absent != "" {
			continue
		}
		if out == nil {
			out = &Judgments{Control: Unknown, Treatment: Unknown, PValue: Unknown, OK: true}
		}
		d.judged(h, m, out)
	}
	return out
}

// judged takes in one judged metric.
func (d Data) judged(h *Health, m MetricData, out *Judgments) {
	var there ByArm
	for _, c := range m.Cells {
		if c.Arm == Control {
			there.Control += c.N
		} else {
			there.Treatment += c.N
		}
	}
	if m.Pairs != nil {
		there = ByArm{m.Pairs.N, m.Pairs.N}
	}
	if m.Judging != nil { // units that were not drawn are not missing
		there = m.Judging.Judged
	}
	drawn := ByArm{there.Control + m.Missing.Control, there.Treatment + m.Missing.Treatment}
	worst := 0.0
	for _, x := range []struct {
		share      *Number
		gone, from int64
	}{{&out.Control, m.Missing.Control, drawn.Control}, {&out.Treatment, m.Missing.Treatment, drawn.Treatment}} {
		share := float64(x.gone) / float64(x.from)
		worst = math.Max(worst, share)
		if !x.share.Known() || share > float64(*x.share) {
			*x.share = Number(share)
		}
	}
	p := d.splitsAlike(m.Missing, there)
	if !out.PValue.Known() || p < float64(out.PValue) {
		out.PValue = Number(p)
	}
	tooMany, differs := worst > maxMissingJudgments, p < healthP
	if tooMany || differs {
		h.warn("judgments of %s are missing for %.1f %% of %s and %.1f %% of %s (p %.2g): above %g %%, or where the arms differ, the comparison is invalid",
			m.Metric.Name, 100*float64(m.Missing.Control)/float64(drawn.Control), d.Control, 100*float64(m.Missing.Treatment)/float64(drawn.Treatment), d.Treatment, p, 100*maxMissingJudgments)
		out.OK = out.OK && min(drawn.Control, drawn.Treatment) < healthUnits
	}
}

// compliance is the share of units served as assigned.
func (d Data) compliance(h *Health, enough bool) Compliance {
	out := Compliance{Control: Unknown, Treatment: Unknown, OK: true}
	if d.Service.Served.Treatment == 0 {
		out.Note = "rows do not say which version served them"
		if d.Units.Treatment > 0 {
			out.OK = d.unchecked(h, "rows do not say which version served them")
		}
		return out
	}
	out.Treatment = Number(float64(d.Service.Complied.Treatment) / float64(d.Service.Served.Treatment))
	if d.Service.Served.Control > 0 {
		out.Control = Number(float64(d.Service.Complied.Control) / float64(d.Service.Served.Control))
	}
	if out.Treatment < minCompliance {
		h.warn("only %.1f %% of %s's units were served by it throughout; below %g %% its figures are partly another version's", 100*out.Treatment, d.Treatment, 100*minCompliance)
		out.OK = !enough
	}
	return out
}

// holm adjusts the p-values that are known (Holm 1979); the others count as
// one and stay unknown.
func holm(p []Number) []Number {
	filled := make([]float64, len(p))
	for i, x := range p {
		filled[i] = 1
		if x.Known() {
			filled[i] = float64(x)
		}
	}
	out := slices.Clone(p)
	for i, x := range fixed.Holm(filled) {
		if out[i].Known() {
			out[i] = Number(x)
		}
	}
	return out
}
