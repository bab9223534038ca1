package main

import (
	"time"

	"weir/analyze"
	"weir/rollout"
)

// goal is a goal's data: units that do or do not, more is better, a margin of 3 points.
func goal(name string, cells []analyze.Cell, level float64) analyze.MetricData {
	m := rateMetric(analyze.Goal, analyze.Up, .03)
	m.Name = name
	return frozen(m, cells, level)
}

// guardrail is a guardrail's data: units that do or do not, less is better.
func guardrail(name string, cells []analyze.Cell, level, margin float64) analyze.MetricData {
	m := rateMetric(analyze.Guardrail, analyze.Down, margin)
	m.Name = name
	return frozen(m, cells, level)
}

func frozen(m analyze.Metric, cells []analyze.Cell, level float64) analyze.MetricData {
	level, spread := m.Baseline(zeroOne(int(level*1e6), 1e6))
	return analyze.MetricData{Metric: m, Cells: cells, Binary: true, Frozen: analyze.Frozen{
		Cap: analyze.Unknown, Threshold: analyze.Unknown, Level: analyze.Number(level), Spread: analyze.Number(spread), PlanUnits: 14_000, PlanShare: .5, HarmUnits: analyze.HarmUnits,
	}}
}

// hours counts the units of cells by stratum and hour.
func hours(strata []analyze.Stratum, cells []analyze.Cell) []analyze.Arrival {
	var out []analyze.Arrival
	for _, c := range cells {
		if n := len(out); n == 0 || out[n-1].Hour != c.Hour || out[n-1].Stratum != c.Stratum {
			out = append(out, analyze.Arrival{Stratum: c.Stratum, Hour: c.Hour})
		}
		a := &out[len(out)-1]
		if c.Arm == analyze.Control {
			a.Control += c.N
		} else {
			a.Treatment += c.N
		}
	}
	return out
}

// data is a live release of which so much of the treatment's units was served by it.
func data(strata []analyze.Stratum, arrived []analyze.Arrival, compliance float64, metrics ...analyze.MetricData) analyze.Data {
	first := time.Unix(arrived[0].Hour*3600, 0).UTC()
	last := time.Unix(arrived[len(arrived)-1].Hour*3600+3599, 0).UTC()
	var units analyze.ByArm
	for _, a := range arrived {
		units.Control += a.Control
		units.Treatment += a.Treatment
	}
	served := units
	served.Treatment = int64(compliance * float64(units.Treatment))
	days := int(last.Add(time.Second).Sub(first) / (24 * time.Hour))
	return analyze.Data{
		Control: "v1", Treatment: "v2", Own: true,
		Design: analyze.Design{Unit: "session", Kind: analyze.Stratified, Strata: len(strata), Method: analyze.Sequential, Alpha: alpha, Randomized: true},
		Period: analyze.Period{AsOf: last, First: &first, Last: &last, FullDays: days, UnitsPerDay: 2000, TreatmentShare: analyze.Number(strata[len(strata)-1].Share)},
		Units:  analyze.UnitCounts{Control: units.Control, Treatment: units.Treatment, Requests: units},
		Strata: strata, Arrived: arrived, Metrics: metrics,
		Service: analyze.Service{Served: units, Complied: served},
	}
}

// verdict decides on a live release at its end.
func verdict(strata []analyze.Stratum, arrived []analyze.Arrival, compliance float64, metrics ...analyze.MetricData) rollout.Verdict {
	return rollout.Decide(analyze.Evaluate(data(strata, arrived, compliance, metrics...)), rollout.Policy{}).Verdict
}
