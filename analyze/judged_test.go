package analyze

import (
	"math"
	"math/rand/v2"
	"testing"
)

// A judgedWorld is traffic of known truth that a judge scores and people label.
type judgedWorld struct {
	quality [2]float64 // true rate by arm
	drift   float64    // added to both arms' rates from the first hour to the last
	// right is the probability, by arm, that the judge sees a good unit as good and a bad one as bad.
	right       [2][2]float64 // [arm][truth]
	share       []float64     // of treatment, by epoch
	q, l        float64
	gaveUp      [2]float64 // share of drawn units without a score
	hours, each int        // hours, and units an hour
}

// draw makes the cells, hour by hour.
func (w judgedWorld) draw(rng *rand.Rand) []Cell {
	var cells []Cell
	for hour := range w.hours {
		epoch := hour * len(w.share) / w.hours
		var units [2][][]float64
		for range w.each {
			arm := Control
			if rng.Float64() < w.share[epoch] {
				arm = Treatment
			}
			if v := w.unit(rng, arm, float64(hour)/float64(w.hours)); v != nil {
				units[arm] = append(units[arm], v)
			}
		}
		for _, a := range Arms {
			if len(units[a]) > 0 {
				cells = append(cells, Cell{Stratum: epoch, Hour: int64(hour), Arm: a, Moments: MomentsOf(units[a]...)})
			}
		}
	}
	return cells
}

// unit is one unit's vector; nil where it was drawn and given up.
func (w judgedWorld) unit(rng *rand.Rand, arm Arm, age float64) []float64 {
	v := make([]float64, judgedSize)
	truth, score := 0, 0.0
	if rng.Float64() < w.quality[arm]+w.drift*age {
		truth = 1
	}
	if right := rng.Float64() < w.right[arm][truth]; right == (truth == 1) {
		score = 1
	}
	if rng.Float64() >= w.q {
		return v
	}
	if rng.Float64() < w.gaveUp[arm] {
		return nil
	}
	v[judgedWeight], v[judgedScore], v[judgedCount] = 1/w.q, score/w.q, 1
	if w.l > 0 && rng.Float64() < w.l {
		weight := 1 / (w.q * w.l)
		v[labelledWeight], v[labelledScore], v[labelledLabel], v[labelledCount] = weight, weight*score, weight*float64(truth), 1
	}
	return v
}

// data is what a look at the first hours sees.
func (w judgedWorld) data(cells []Cell, hours int) Data {
	metric := Metric{
		Name: "quality", Role: Goal, Kind: KindJudge, Good: Up, Minimum: 100, Judged: true, Corrected: w.l > 0,
		Margin: &Margin{Value: .05}, Shown: Form{Num: judgedScore, Den: judgedWeight}, Tested: Form{Num: judgedScore, Den: judgedWeight}, Margined: Form{Num: judgedScore, Den: judgedWeight},
	}
	for range judgedSize {
		metric.Columns = append(metric.Columns, Column{})
	}
	d := Data{Control: "v1", Treatment: "v2", Design: Design{Unit: "session", Kind: Stratified, Method: Sequential, Alpha: .05, Randomized: true}}
	for _, s := range w.share {
		d.Strata = append(d.Strata, Stratum{Share: s, Known: true})
	}
	m := MetricData{Metric: metric, Judging: &Judging{Criterion: "quality"}}
	var control Moments
	for _, c := range cells {
		if c.Hour >= int64(hours) {
			continue
		}
		m.Cells = append(m.Cells, c)
		if c.Arm == Control {
			control = control.Add(c.Moments)
			m.Judging.Judged.Control += judged(c.Moments)
		} else {
			m.Judging.Judged.Treatment += judged(c.Moments)
		}
	}
	level, spread := metric.Baseline(control)
	m.Frozen = Frozen{Level: Number(level), Spread: Number(spread), PlanUnits: Number(w.hours * w.each), PlanShare: Number(w.share[len(w.share)-1]), Cap: Unknown, Threshold: Unknown}
	d.Metrics = []MetricData{m}
	return d
}

// fair is a judge as wrong in one arm as in the other.
func fair(good, bad float64) [2][2]float64 { return [2][2]float64{{bad, good}, {bad, good}} }

// looked evaluates at equally spaced looks and hands each result over.
func (w judgedWorld) looked(rng *rand.Rand, looks int, see func(MetricResult)) {
	cells := w.draw(rng)
	for i := range looks {
		see(Evaluate(w.data(cells, w.hours*(i+1)/looks)).Metrics[0])
	}
}

// Two equal versions, and a judge that errs more kindly for the second: judged and labelled as
// traffic comes, looked at all the time, they are called different in at most alpha of the releases.
func TestJudgedAA(t *testing.T) {
	biased := fair(.85, .85)
	biased[Treatment] = [2]float64{.7, .95} // what is bad passes for good more often
	for name, w := range map[string]judgedWorld{
		"labels, biased judge": {quality: [2]float64{.7, .7}, right: biased, share: []float64{.5}, q: 1, l: .2, hours: 40, each: 50},
		"ramp, drift, sampled": {quality: [2]float64{.6, .6}, drift: .15, right: biased, share: []float64{.2, .5}, q: .5, l: .3, hours: 60, each: 60},
		"given up in one arm":  {quality: [2]float64{.7, .7}, right: fair(.85, .85), gaveUp: [2]float64{0, .15}, share: []float64{.5}, q: 1, l: .2, hours: 40, each: 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const runs = 400
			rng := rand.New(rand.NewPCG(7, 11))
			different, harmed := 0, 0
			for range runs {
				p, harm := 1.0, 1.0
				w.looked(rng, 10, func(m MetricResult) {
					if m.Test.PValue.Known() {
						p = math.Min(p, float64(m.Test.PValue))
					}
					if m.Margin.HarmPValue.Known() {
						harm = math.Min(harm, float64(m.Margin.HarmPValue))
					}
				})
				if p < .05 {
					different++
				}
				if harm < .05 {
					harmed++
				}
			}
			t.Logf("different in %.3f, harm in %.3f of releases", float64(different)/runs, float64(harmed)/runs)
			if limit := .05*runs + 3*math.Sqrt(.05*.95*runs); float64(different) > limit || float64(harmed) > limit {
				t.Errorf("of %d equal releases %d are called different, %d harmful", runs, different, harmed)
			}
		})
	}
}

// On the margin itself the treatment passes, and is called harmful, in at most alpha of the releases.
func TestJudgedAtMargin(t *testing.T) {
	kind := fair(.85, .85)
	kind[Treatment] = [2]float64{.6, .95}
	w := judgedWorld{quality: [2]float64{.7, .65}, right: kind, share: []float64{.5}, q: 1, l: .25, hours: 40, each: 60}
	const runs = 400
	rng := rand.New(rand.NewPCG(3, 5))
	passed, harmed := 0, 0
	for range runs {
		pass, harm := false, false
		w.looked(rng, 8, func(m MetricResult) {
			pass = pass || m.Margin.Check == CheckPassed
			harm = harm || m.Margin.Check == CheckFailed
		})
		if pass {
			passed++
		}
		if harm {
			harmed++
		}
	}
	t.Logf("passed in %.3f, harmful in %.3f", float64(passed)/runs, float64(harmed)/runs)
	if limit := .05*runs + 3*math.Sqrt(.05*.95*runs); float64(passed) > limit || float64(harmed) > limit {
		t.Errorf("of %d releases at the margin %d pass, %d are called harmful", runs, passed, harmed)
	}
}

// The sequence covers the truth at all looks together, the judge's own scale does not know it; and a
// good judge narrows what labels alone would say.
func TestJudgedCoverage(t *testing.T) {
	biased := fair(.9, .85)
	biased[Treatment] = [2]float64{.7, .97}
	w := judgedWorld{quality: [2]float64{.6, .7}, right: biased, share: []float64{.3, .5}, q: .6, l: .3, hours: 60, each: 60}
	const runs = 300
	rng := rand.New(rand.NewPCG(1, 2))
	missed, own, narrow, estimate, square, claimed := 0, 0, 0.0, 0.0, 0.0, 0.0
	for range runs {
		cells := w.draw(rng)
		miss := false
		var last MetricResult
		for i := range 6 {
			last = Evaluate(w.data(cells, w.hours*(i+1)/6)).Metrics[0]
			miss = miss || float64(last.Test.Lower) > .1 || float64(last.Test.Upper) < .1
		}
		if miss {
			missed++
		}
		estimate += float64(last.Absolute.Value) / runs
		square += float64(last.Absolute.Value*last.Absolute.Value) / runs
		claimed += float64(last.Absolute.StdErr) / runs
		uncorrected := w
		uncorrected.l = 0
		m := Evaluate(uncorrected.data(cells, w.hours)).Metrics[0]
		if float64(m.Test.Lower) > .1 {
			own++
		}
		if m.Direction == Better || m.Margin.Check == CheckFailed {
			t.Fatalf("on the judge's own scale it is %s, margin %s", m.Direction, m.Margin.Check)
		}
		narrow += float64(last.Control.StdErr) / labelsAlone(cells) / runs
	}
	deviation := math.Sqrt(square - estimate*estimate)
	t.Logf("missed %.3f, judge alone %.3f; estimate %.4f, standard deviation %.4f, claimed %.4f; standard error %.2f of that of labels alone", float64(missed)/runs, float64(own)/runs, estimate, deviation, claimed, narrow)
	if limit := .05*runs + 3*math.Sqrt(.05*.95*runs); float64(missed) > limit {
		t.Errorf("%d of %d sequences miss the truth", missed, runs)
	}
	if math.Abs(estimate-.1) > 4*deviation/math.Sqrt(runs) {
		t.Errorf("the estimate is %.4f on average, the truth .1", estimate)
	}
	if claimed < .85*deviation || claimed > 1.2*deviation {
		t.Errorf("the standard error is %.4f, the deviation %.4f", claimed, deviation)
	}
	if narrow > .9 {
		t.Errorf("the judge narrows the labels' standard error to %.2f", narrow)
	}
}

// labelsAlone is the standard error of control's mean label.
func labelsAlone(cells []Cell) float64 {
	var m Moments
	for _, c := range cells {
		if c.Arm == Control {
			m = m.Add(c.Moments)
		}
	}
	return Form{Num: labelledLabel, Den: labelledWeight}.Estimate(m).StdErr
}

// Lambda follows the judge: one that says nothing is given no weight, one that knows all is.
func TestLambda(t *testing.T) {
	for name, c := range map[string]struct {
		right    [2][2]float64
		from, to float64
	}{"useless": {fair(.5, .5), 0, .15}, "perfect": {fair(1, 1), .8, 1}, "wrong": {fair(.2, .2), 0, 0}} {
		w := judgedWorld{quality: [2]float64{.6, .6}, right: c.right, share: []float64{.5}, q: 1, l: .2, hours: 20, each: 200}
		d := w.data(w.draw(rand.New(rand.NewPCG(4, 4))), w.hours)
		if got := float64(Evaluate(d).Metrics[0].Judge.Lambda); got < c.from || got > c.to {
			t.Errorf("a %s judge has weight %.2f", name, got)
		}
	}
}

// With everything judged and labelled the figure is the mean label, its error that of a mean, and
// the judge makes no difference.
func TestJudgedCensus(t *testing.T) {
	w := judgedWorld{quality: [2]float64{.6, .7}, right: fair(.8, .6), share: []float64{.5}, q: 1, l: 1, hours: 4, each: 500}
	cells := w.draw(rand.New(rand.NewPCG(9, 9)))
	m := Evaluate(w.data(cells, w.hours)).Metrics[0]
	var arms [2]Moments
	for _, c := range cells {
		arms[c.Arm] = arms[c.Arm].Add(c.Moments)
	}
	for _, a := range Arms {
		want := Form{Num: labelledLabel, Den: Ones}.Estimate(arms[a])
		got := [2]ArmResult{m.Control, m.Treatment}[a]
		if math.Abs(float64(got.Value)-want.Value) > 1e-12 || math.Abs(float64(got.StdErr)-want.StdErr) > 1e-12 || got.Units != want.Units {
			t.Errorf("%s is %v (%v) of %d, labels alone say %v (%v) of %d", a, got.Value, got.StdErr, got.Units, want.Value, want.StdErr, want.Units)
		}
	}
}

// More than a fifth of the drawn without a judgment, or more in one arm, makes the comparison invalid.
func TestJudgedMissing(t *testing.T) {
	w := judgedWorld{quality: [2]float64{.7, .7}, right: fair(.9, .9), share: []float64{.5}, q: .5, hours: 10, each: 200}
	for _, c := range []struct {
		missing ByArm
		ok      bool
	}{{ByArm{0, 0}, true}, {ByArm{40, 45}, true}, {ByArm{20, 110}, false}, {ByArm{150, 150}, false}} {
		d := w.data(w.draw(rand.New(rand.NewPCG(9, 9))), w.hours)
		d.Metrics[0].Missing = c.missing
		h := Evaluate(d).Health
		if h.Judgments.OK != c.ok {
			t.Errorf("missing %v is ok: %v", c.missing, h.Judgments.OK)
		}
	}
}

// Parts of a judge's metric: each shows its own effect, with an interval that holds the truth in at least 95 of 100
// releases, and where none differs Cochran's Q finds nothing; a judge on its own scale calls no part better.
func TestJudgedParts(t *testing.T) {
	const runs = 60
	effects := map[string]float64{"desktop": 0, "mobile": .2}
	rng := rand.New(rand.NewPCG(17, 3))
	covered, varies, better := 0, 0, 0
	for range runs {
		w := judgedWorld{right: fair(.9, .9), share: []float64{.3, .5}, q: .5, l: .4, hours: 40, each: 60}
		var all []Cell
		var segments []Segment
		for _, name := range []string{"desktop", "mobile"} {
			w.quality = [2]float64{.6, .6 + effects[name]}
			cells := w.draw(rng)
			all, segments = append(all, cells...), append(segments, Segment{By: "device", Name: name, Cells: cells})
		}
		d := w.data(all, w.hours)
		d.Metrics[0].Segments = segments
		m := Evaluate(d).Metrics[0]
		last := m.Breakdowns[len(m.Breakdowns)-1]
		if last.By != "device" || len(last.Parts) != 2 || m.Breakdowns[0].By != "epoch" {
			t.Fatalf("broken down by %+v", m.Breakdowns)
		}
		for _, p := range last.Parts {
			if truth := effects[p.Name]; float64(p.Lower) <= truth && truth <= float64(p.Upper) {
				covered++
			}
			if p.Direction == Better && p.Name == "mobile" {
				better++
			}
			if p.Control.Units < 500 || p.Control.Units > 1200 {
				t.Errorf("%s has %d judged units of control", p.Name, p.Control.Units)
			}
		}
		if last.Varies {
			varies++
		}
		d.Metrics[0].Metric.Corrected = false
		for _, b := range Evaluate(d).Metrics[0].Breakdowns {
			for _, p := range b.Parts {
				if p.Direction == Better {
					t.Fatalf("%s %s is better on the judge's own scale", b.By, p.Name)
				}
			}
		}
	}
	if covered < 2*runs*95/100 || better < runs*8/10 || varies < runs*6/10 {
		t.Errorf("of %d parts %d are covered; of %d releases %d show mobile better, %d that effects differ", 2*runs, covered, runs, better, varies)
	}
	t.Logf("covered %d of %d, better %d, varies %d of %d", covered, 2*runs, better, varies, runs)
}
