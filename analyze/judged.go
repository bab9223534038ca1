package analyze

import "math"

// The components of a judged unit's vector. A unit is drawn for the judge with
// probability q, and, among the judged, for a person's label with probability l; a unit that
// was not drawn is a unit of zeros.
const (
	judgedWeight   = iota // judged / q
	judgedScore           // judged x score / q
	labelledWeight        // labelled / (q l)
	labelledScore         // labelled x score / (q l)
	labelledLabel         // labelled x label / (q l)
	judgedCount           // 1 where judged
	labelledCount         // 1 where labelled
	judgedSize
)

// The parts of a unit's judgments that a column can be.
const (
	PartJudgedWeight   = "judged_weight"
	PartJudgedScore    = "judged_score"
	PartLabelledWeight = "labelled_weight"
	PartLabelledScore  = "labelled_score"
	PartLabel          = "label"
	PartJudged         = "judged"
	PartLabelled       = "labelled"
)

// JudgedParts lists the parts in the order of the vector of a metric of KindJudge.
func JudgedParts() []string {
	return []string{PartJudgedWeight, PartJudgedScore, PartLabelledWeight, PartLabelledScore, PartLabel, PartJudged, PartLabelled}
}

// JudgedForm is the form of a judge's metric on the judge's own scale.
func JudgedForm() Form { return Form{Num: judgedScore, Den: judgedWeight} }

// MinLabels is how many labels each arm needs before a judge is corrected by
// them. With fewer the metric is on the judge's own scale, where it can be proven
// within its margin, but neither better nor beyond it.
const MinLabels = 50

// minTuned is how many labelled units of the past tune the correction; before, the
// judge is taken at its word (lambda 1).
const minTuned = 20

// A correction is how the judge's scores and people's labels become one figure
// a unit (prediction-powered inference under sampling: Angelopoulos, Duchi and Zrnic 2023,
// arXiv 2311.01453; Zrnic and Candes 2024, arXiv 2403.03208):
//
//	z = m + (judged/q)(lambda F + bias - m + (labelled/l)(Y - lambda F - bias))
//
// with score F and label Y. Its mean is that of Y whatever lambda, bias and m are, as long
// as they are known before the unit; they only narrow. Bias, the mean of Y - lambda F, is
// 0 in the design's formula; taking it out of the labelled term makes that small where
// few are labelled. Without labels z = m + (judged/q)(F - m), whose mean is that of F.
type correction struct {
	corrected    bool
	lambda, bias float64
}

// correctionOf tunes the correction to the moments of units seen before: lambda is
// the value in [0, 1] under which z varies least.
func correctionOf(corrected bool, past Moments) correction {
	c := correction{corrected, 1, 0}
	if !corrected || past.N < 2 || labelled(past) < minTuned {
		return c
	}
	label := past.Mean[labelledLabel] / past.Mean[labelledWeight]
	score := past.Mean[labelledScore] / past.Mean[labelledWeight]
	all := past.Mean[judgedScore] / past.Mean[judgedWeight]
	level := all + label - score
	var a, b [judgedSize]float64 // z less its centre is a + lambda b
	a[labelledLabel], a[labelledWeight], a[judgedWeight] = 1, -label, label-level
	b[judgedScore], b[judgedWeight] = 1, -score
	b[labelledScore], b[labelledWeight] = -1, score
	if square := past.product(b[:], b[:]); square > 0 {
		c.lambda = math.Min(math.Max(-past.product(a[:], b[:])/square, 0), 1)
	}
	c.bias = label - c.lambda*score
	return c
}

// weights gives z less m as weights on a unit's vector. Rates are the arm's means of judged
// and labelled weights, 1 where everything drawn is judged and labelled: dividing by
// them makes up for what was given up.
func (c correction) weights(m float64, rates responses) []float64 {
	w := make([]float64, judgedSize)
	w[judgedScore] = c.lambda / rates.judged
	w[judgedWeight] = (c.bias - m) / rates.judged
	if c.corrected {
		w[labelledLabel] = 1 / rates.labelled
		w[labelledScore] = -c.lambda / rates.labelled
		w[labelledWeight] = -c.bias / rates.labelled
	}
	return w
}

// responses are the means of an arm's judged and labelled weights.
type responses struct{ judged, labelled float64 }

func responsesOf(m Moments) responses {
	if m.N == 0 {
		return responses{math.NaN(), math.NaN()}
	}
	return responses{m.Mean[judgedWeight], m.Mean[labelledWeight]}
}

// usable reports whether the arm has what the correction needs.
func (r responses) usable(corrected bool) bool {
	return r.judged > 0 && (!corrected || r.labelled > 0)
}

// A judgedWalk turns cells of judged units into outcomes for a walker: tuned
// by earlier hours only.
type judgedWalk struct {
	corrected bool
	rates     [2]responses
	past      Moments
	now       correction
}

func newJudgedWalk(corrected bool, cells []Cell) *judgedWalk {
	var arms [2]Moments
	for _, c := range cells {
		arms[c.Arm] = arms[c.Arm].Add(c.Moments)
	}
	return &judgedWalk{corrected: corrected, rates: [2]responses{responsesOf(arms[Control]), responsesOf(arms[Treatment])}, now: correctionOf(corrected, Moments{})}
}

// outcome is z of a cell's units around the centre m; control's counts k times.
func (j *judgedWalk) outcome(c Cell, m float64) (linear, bool) {
	y := linear{constant: make([]float64, judgedSize), slope: make([]float64, judgedSize)}
	if !j.rates[c.Arm].usable(j.corrected) {
		return y, false
	}
	w := j.now.weights(m, j.rates[c.Arm])
	if c.Arm == Treatment {
		y.constant, y.shift = w, [2]float64{m, 0}
	} else {
		y.slope, y.shift = w, [2]float64{0, m}
	}
	return y, true
}

// learn takes in an hour that is over.
func (j *judgedWalk) learn(cells []Cell) {
	for _, c := range cells {
		if c.N > 0 {
			j.past = j.past.Add(c.Moments)
		}
	}
	j.now = correctionOf(j.corrected, j.past)
}

// judged counts the judged units of a cell.
func judged(m Moments) int64 {
	if m.N == 0 {
		return 0
	}
	return int64(math.Round(float64(m.N) * m.Mean[judgedCount]))
}

// labelled counts the labelled units of a cell.
func labelled(m Moments) int64 { return int64(math.Round(float64(m.N) * m.Mean[labelledCount])) }

// judgedBaseline gives level and variance per unit of z in control's baseline.
func (m Metric) judgedBaseline(control Moments) (level, spread float64) {
	rates := responsesOf(control)
	if control.N < 2 || !rates.usable(m.Corrected) {
		return math.NaN(), math.NaN()
	}
	c := correctionOf(m.Corrected, control)
	level = c.level(control)
	_, square := control.linear(c.weights(level, rates))
	return level, square / float64(control.N-1)
}

// level is the figure of the units of m.
func (c correction) level(m Moments) float64 {
	level := c.lambda * m.Mean[judgedScore] / m.Mean[judgedWeight]
	if c.corrected {
		level += (m.Mean[labelledLabel] - c.lambda*m.Mean[labelledScore]) / m.Mean[labelledWeight]
	}
	return level
}

// figures turns a metric's judged units into plain ones for what holds at one look: a
// number a unit, with the mean and the standard error of the figure. Units that
// are not judged are left out of the counts. Strata in which an arm lacks judgments, or labels
// where they correct, are left out.
func (d MetricData) figures(strata int) MetricData {
	out := d
	out.Metric.Kind, out.Metric.Shown = KindMean, Form{Num: 0, Den: Ones}
	out.Metric.Tested, out.Metric.Margined = out.Metric.Shown, out.Metric.Shown
	out.Cells, out.Pairs, out.Segments, out.Past, out.Binary = nil, nil, nil, nil, false
	if d.Pairs != nil {
		out.Pairs = d.pairedFigures()
		return out
	}
	out.Cells = d.figuresOf(d.Cells, strata)
	return out
}

// figuresOf does so with some of the metric's cells, all or those of a part, by the metric's correction.
func (d MetricData) figuresOf(cells []Cell, strata int) (out []Cell) {
	c, corrected := d.correction(), d.Metric.Corrected
	last := make([]int64, strata)
	for _, c := range cells {
		last[c.Stratum] = max(last[c.Stratum], c.Hour)
	}
	for _, p := range byStratum(cells, strata) {
		if !responsesOf(p.arms[Control]).usable(corrected) || !responsesOf(p.arms[Treatment]).usable(corrected) {
			continue
		}
		for _, a := range Arms {
			out = append(out, Cell{Stratum: p.stratum, Hour: last[p.stratum], Arm: a, Moments: c.plain(p.arms[a])})
		}
	}
	return out
}

// plain gives one number a judged unit, with the figure's mean and standard error.
func (c correction) plain(m Moments) Moments {
	level := c.level(m)
	_, square := m.linear(c.linearised(m))
	n, all := float64(judged(m)), float64(m.N)
	if m.N >= 2 {
		square *= n * (n - 1) / (all * (all - 1))
	}
	return Moments{N: judged(m), Mean: []float64{level}, Cross: []float64{math.Max(square, 0)}}
}

// linearised gives the weights of the figure's error over the units of m: those of z, with the
// bias of these units taken out, so that their mean is zero.
func (c correction) linearised(m Moments) []float64 {
	if c.corrected {
		c.bias = (m.Mean[labelledLabel] - c.lambda*m.Mean[labelledScore]) / m.Mean[labelledWeight]
	}
	return c.weights(c.level(m), responsesOf(m))
}

// pairedFigures gives one number a case and arm; nil where an arm lacks judgments, or labels
// where they correct.
func (d MetricData) pairedFigures() *Moments {
	joint, corrected := *d.Pairs, d.Metric.Corrected
	p := pairing{moments: joint}
	arms := [2]Moments{p.arm(Control), p.arm(Treatment)}
	if !responsesOf(arms[Control]).usable(corrected) || !responsesOf(arms[Treatment]).usable(corrected) {
		return nil
	}
	c := d.correction()
	out := Moments{N: joint.N, Mean: []float64{c.level(arms[Control]), c.level(arms[Treatment])}}
	var w [2][]float64
	for _, a := range Arms {
		w[a] = make([]float64, 2*judgedSize)
		copy(w[a][int(a)*judgedSize:], c.linearised(arms[a]))
	}
	out.Cross = []float64{
		math.Max(joint.product(w[Control], w[Control]), 0),
		joint.product(w[Treatment], w[Control]),
		math.Max(joint.product(w[Treatment], w[Treatment]), 0),
	}
	return &out
}

// correction is tuned to all of the metric's units: what holds at one look uses it.
func (d MetricData) correction() correction {
	all := Moments{}
	if d.Pairs != nil {
		p := pairing{moments: *d.Pairs}
		all = p.arm(Control).Add(p.arm(Treatment))
	}
	for _, c := range d.Cells {
		all = all.Add(c.Moments)
	}
	return correctionOf(d.Metric.Corrected, all)
}
