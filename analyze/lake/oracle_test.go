package lake

import (
	"cmp"
	"math"
	"slices"
	"time"

	"weir/analyze"
	"weir/trace"
)

// An oracle computes what the lake should say by plain loops over the rows.
type oracle struct {
	query     Query
	exchanges []trace.Exchange
	outcomes  []trace.Outcome
	frozen    map[string]analyze.Frozen
	units     []*unitRows
	sessions  []sessionStart
}

// A sessionStart is when a user began a session, and whose unit it is.
type sessionStart struct {
	user, unit string
	at         time.Time
}

// newOracle groups the rows once.
func newOracle(q Query, exchanges []trace.Exchange, outcomes []trace.Outcome, frozen map[string]analyze.Frozen) *oracle {
	o := &oracle{query: q, exchanges: exchanges, outcomes: outcomes, frozen: frozen}
	o.units = o.group()
	for _, u := range o.units {
		starts := map[[2]string]time.Time{}
		for _, e := range u.rows {
			key := [2]string{e.UserID, e.SessionID}
			if old, ok := starts[key]; !ok || e.StartedAt.Before(old) {
				starts[key] = e.StartedAt
			}
		}
		for key, at := range starts {
			o.sessions = append(o.sessions, sessionStart{key[0], u.name, at})
		}
	}
	return o
}

// A unitRows is a unit with its requests in order.
type unitRows struct {
	name       string
	rows       []trace.Exchange
	treated    bool
	stratum    stratumKey
	assignedAt time.Time
}

// group gathers the rows that enter tests into units.
func (o *oracle) group() []*unitRows {
	byName := map[string]*unitRows{}
	var out []*unitRows
	rows := slices.Clone(o.exchanges)
	slices.SortFunc(rows, func(a, b trace.Exchange) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.TraceID, b.TraceID))
	})
	for _, e := range rows {
		if e.Randomized != nil && !*e.Randomized || e.AssignedVersion != o.query.Control && e.AssignedVersion != o.query.Treatment || e.StartedAt.After(o.query.AsOf) {
			continue
		}
		name := e.UnitID
		if name == "" {
			name = e.SessionID
		}
		if name == "" {
			name = "\x01" + e.TraceID
		}
		u := byName[name]
		if u == nil {
			u = &unitRows{name: name, treated: e.AssignedVersion == o.query.Treatment, assignedAt: e.AssignedAt, stratum: stratumKey{epoch: -1, rule: e.Rule, share: -1}}
			if u.assignedAt.IsZero() {
				u.assignedAt = e.StartedAt
			}
			if e.Epoch != nil {
				u.stratum.epoch = *e.Epoch
			}
			if e.Propensity != nil {
				u.stratum.share = *e.Propensity
				if !u.treated {
					u.stratum.share = 1 - *e.Propensity
				}
				u.stratum.share = math.Round(u.stratum.share*1e9) / 1e9
			}
			byName[name] = u
			out = append(out, u)
		}
		u.rows = append(u.rows, e)
	}
	return out
}

func (u *unitRows) hour() int64 { return u.assignedAt.Unix() / 3600 }

func (u *unitRows) arm() analyze.Arm {
	if u.treated {
		return analyze.Treatment
	}
	return analyze.Control
}

// values of a column over the unit's requests.
func (o *oracle) values(u *unitRows, c analyze.Column) []float64 {
	var out []float64
	for _, e := range u.rows {
		failed := e.ErrorType != "" || e.Status != nil && (*e.Status >= 500 || *e.Status == 429)
		if c.OnlyOK && failed || e.StartedAt.After(u.assignedAt.Add(c.Window)) {
			continue
		}
		x := math.NaN()
		switch c.Value {
		case "error":
			x = 0
			if failed {
				x = 1
			}
		case "latency_ms":
			if e.LatencyMS != nil {
				x = *e.LatencyMS
			}
		case "total_tokens":
			if e.InputTokens != nil && e.OutputTokens != nil {
				x = float64(*e.InputTokens + *e.OutputTokens)
			}
		}
		if !math.IsNaN(x) {
			out = append(out, x)
		}
	}
	return out
}

// outcome is the unit's value of an outcome: per subject the last event in the
// window, joined over subjects by their largest or their mean.
func (o *oracle) outcome(u *unitRows, c analyze.Column) (float64, bool) {
	sessions, traces := map[string]bool{}, map[string]bool{}
	for _, e := range u.rows {
		sessions[e.SessionID] = true
		traces[e.TraceID] = true
	}
	sessions[u.name] = true
	delete(sessions, "")
	last := map[string]trace.Outcome{}
	for _, x := range o.outcomes {
		subject := ""
		switch {
		case x.TraceID != "" && traces[x.TraceID]:
			subject = "t" + x.TraceID
		case x.TraceID == "" && x.SessionID != "" && sessions[x.SessionID]:
			subject = "s"
		case x.TraceID == "" && x.SessionID == "" && x.UserID != "" && o.lastSession(x) == u.name:
			subject = "u" + x.UserID
		}
		end := u.assignedAt.Add(c.Window)
		if subject == "" || x.Name != c.Value || x.OccurredAt.After(end) || !x.ReceivedAt.IsZero() && x.ReceivedAt.After(end.Add(time.Hour)) || x.OccurredAt.After(o.query.AsOf) {
			continue
		}
		if old, ok := last[subject]; !ok || x.OccurredAt.After(old.OccurredAt) || x.OccurredAt.Equal(old.OccurredAt) && x.Value > old.Value {
			last[subject] = x
		}
	}
	if len(last) == 0 {
		return 0, false
	}
	sum, most := 0.0, math.Inf(-1)
	for _, x := range last {
		sum += x.Value
		most = math.Max(most, x.Value)
	}
	if c.Agg == "mean" {
		return sum / float64(len(last)), true
	}
	return most, true
}

// lastSession names the unit of the user's last session begun before an outcome.
func (o *oracle) lastSession(x trace.Outcome) string {
	var begun time.Time
	unit := ""
	for _, s := range o.sessions {
		if s.user == x.UserID && !s.at.After(x.OccurredAt) && s.at.After(begun) {
			begun, unit = s.at, s.unit
		}
	}
	return unit
}

// vector is the unit's vector of a metric; ok is false where it has none.
func (o *oracle) vector(u *unitRows, m analyze.Metric) (v []float64, present, ok bool) {
	present, ok = true, true
	for _, c := range m.Columns {
		x, has := 0.0, true
		switch {
		case !IsColumn(c.Value):
			x, has = o.outcome(u, c)
		case c.Above != nil && !c.Above.OwnQuantile:
			t := float64(o.frozen[m.Name].Threshold)
			if u.treated {
				t = t*c.Above.Scale + c.Above.Shift
			}
			for _, y := range o.values(u, c) {
				if y > t {
					x++
				}
			}
		default:
			ys := o.values(u, c)
			has = len(ys) > 0
			for _, y := range ys {
				if c.Count {
					x++
				} else {
					x += y
				}
			}
		}
		if !has {
			present = false
			if c.Fill == nil {
				ok = false
			} else if x = c.Fill.Control; u.treated {
				x = c.Fill.Treatment
			}
		}
		if c.Limit != nil {
			x = math.Min(x, float64(o.frozen[m.Name].Cap))
		}
		v = append(v, x)
	}
	return v, present, ok
}

// mature reports whether the unit's hour has had the metric's window.
func (o *oracle) mature(u *unitRows, m analyze.Metric) bool {
	end := time.Unix((u.hour()+1)*3600, 0).Add(m.Columns[0].Window)
	return !end.After(o.query.AsOf)
}

// A place is where a cell stands.
type place struct {
	stratum stratumKey
	hour    int64
	arm     analyze.Arm
}

// cells computes one metric's moments and counts.
func (o *oracle) cells(m analyze.Metric) (cells map[place]analyze.Moments, missing, immature analyze.ByArm) {
	units := map[place][][]float64{}
	for _, u := range o.units {
		if !o.mature(u, m) {
			add(&immature, u.arm(), 1)
			continue
		}
		v, present, ok := o.vector(u, m)
		if !present {
			add(&missing, u.arm(), 1)
		}
		if ok {
			at := place{u.stratum, u.hour(), u.arm()}
			units[at] = append(units[at], v)
		}
	}
	cells = map[place]analyze.Moments{}
	for at, vs := range units {
		cells[at] = analyze.MomentsOf(vs...)
	}
	return cells, missing, immature
}
