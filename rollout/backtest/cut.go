package backtest

import (
	"math"
	"slices"
	"time"

	"weir/analyze"
)

// Cut gives the data that a look at that hour (since 1970) would have had. The data are not
// modified.
func Cut(d analyze.Data, hour int64) analyze.Data {
	out := d
	out.Arrived = nil
	out.Units.Control, out.Units.Treatment = 0, 0
	strata := 0
	for _, a := range d.Arrived {
		if a.Hour >= hour {
			continue
		}
		out.Arrived = append(out.Arrived, a)
		out.Units.Control += a.Control
		out.Units.Treatment += a.Treatment
		strata = max(strata, a.Stratum+1)
	}
	out.Strata = d.Strata[:strata]
	out.Design.Strata = strata
	if strata == 1 && out.Design.Kind == analyze.Stratified {
		out.Design.Kind = analyze.Independent
	}
	part := partOf(out.Units, d.Units)
	out.Units.Requests = part.of(d.Units.Requests)
	out.Service = part.service(d.Service)
	out.Period = period(d, out.Arrived, hour)
	out.Metrics = make([]analyze.MetricData, len(d.Metrics))
	for i, m := range d.Metrics {
		out.Metrics[i] = cutMetric(m, hour, part)
	}
	return out
}

// cutMetric keeps the cells that are mature at the hour.
func cutMetric(m analyze.MetricData, hour int64, p part) analyze.MetricData {
	window := int64(math.Ceil(m.Metric.Columns[0].Window.Hours()))
	kept := make([]analyze.Cell, 0, len(m.Cells))
	for _, c := range m.Cells {
		if c.Hour+1+window <= hour {
			kept = append(kept, c)
		}
	}
	if m.Absent == "" && len(kept) == 0 {
		m.Absent = "none of its units is mature"
	}
	m.Cells = kept
	m.Missing = p.of(m.Missing)
	m.Lacking = slices.DeleteFunc(slices.Clone(m.Lacking), func(a analyze.Arrival) bool { return a.Hour+1+window > hour })
	m.Immature = analyze.ByArm{}
	return m
}

// A part is how much of all units a look has seen, by arm.
type part struct{ control, treatment float64 }

func partOf(seen, all analyze.UnitCounts) part {
	share := func(a, b int64) float64 {
		if b == 0 {
			return 0
		}
		return float64(a) / float64(b)
	}
	return part{share(seen.Control, all.Control), share(seen.Treatment, all.Treatment)}
}

func (p part) of(b analyze.ByArm) analyze.ByArm {
	return analyze.ByArm{Control: int64(math.Round(p.control * float64(b.Control))), Treatment: int64(math.Round(p.treatment * float64(b.Treatment)))}
}

func (p part) service(s analyze.Service) analyze.Service {
	s.Lost, s.Served, s.Complied, s.Crossed = p.of(s.Lost), p.of(s.Served), p.of(s.Complied), p.of(s.Crossed)
	s.LostUnknown = int64(math.Round((p.control + p.treatment) / 2 * float64(s.LostUnknown)))
	return s
}

// recent is the stretch before a look whose traffic counts as today's, in hours.
const recent = 7 * 24

// period is the time that a look's units span.
func period(d analyze.Data, arrived []analyze.Arrival, hour int64) analyze.Period {
	p := d.Period
	p.AsOf = at(hour)
	if p.First == nil || len(arrived) == 0 {
		return p
	}
	last := at(hour).Add(-time.Nanosecond)
	if d.Period.Last != nil && d.Period.Last.Before(last) {
		last = *d.Period.Last
	}
	p.Last = &last
	begin := p.First.Truncate(24 * time.Hour)
	if begin.Before(*p.First) {
		begin = begin.Add(24 * time.Hour)
	}
	p.FullDays = max(0, int(last.Add(time.Nanosecond).Sub(begin)/(24*time.Hour)))
	units, from := int64(0), max(arrived[0].Hour, hour-recent)
	for _, a := range arrived {
		if a.Hour >= from {
			units += a.Control + a.Treatment
		}
	}
	p.UnitsPerDay = analyze.Number(24 * float64(units) / float64(max(1, min(hour, arrived[len(arrived)-1].Hour+1)-from)))
	p.TreatmentShare = analyze.Number(d.Strata[arrived[len(arrived)-1].Stratum].Share)
	if p.LastStep != nil && p.LastStep.After(p.AsOf) {
		p.LastStep = nil
	}
	return p
}

func at(hour int64) time.Time { return time.Unix(hour*3600, 0).UTC() }
