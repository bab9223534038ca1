package live

import (
	"time"

	"weir/internal/control"
	"weir/router"
	"weir/router/sticky"
)

// standing is how the traffic, and what is beside it, goes now.
func (l *Live) standing() control.Live {
	r := l.steering.Current().Release
	g := l.current.Load()
	out := control.Live{
		Figures:   l.metrics.rolling.At(time.Now(), []string{r.Stable, r.Candidate}),
		Versions:  map[string]control.Standing{},
		Collector: l.collecting(),
	}
	for version, b := range g.Breakers() {
		s := control.Standing{InFlight: g.InFlight(version), BreakerOpen: b.Open()}
		if up, ok := l.metrics.probed.Load(version); ok {
			s.Up = new(up.(bool))
		}
		out.Versions[version] = s
	}
	return out
}

func (l *Live) collecting() control.Collecting {
	h := l.collector.Health()
	out := control.Collecting{Healthy: h.Healthy(), WaitingBytes: h.Waiting, Rows: h.Rows, Lost: []control.LostRows{}}
	if h.Err != nil {
		out.Problem = h.Err.Error()
	}
	if !h.Published.IsZero() {
		out.PublishedAt = &h.Published
	}
	release := l.steering.Current().Entry.Release
	for _, lost := range h.Losses {
		if lost.Release == release || lost.Release == "" {
			out.Lost = append(out.Lost, control.LostRows{Version: lost.Version, Reason: lost.Reason, Rows: lost.Rows})
		}
	}
	return out
}

// underway counts, by version, the units of the release that had a request since
// a time, where they are now: who was moved is with the control arm.
func (l *Live) underway(since time.Time) map[string]int64 {
	r := l.steering.Current().Release
	units := map[string]map[string]struct{}{r.Stable: {}, r.Candidate: {}}
	l.sticky.Range(func(k sticky.Record) bool {
		if k.Entry.Release != r.Release || k.Used.Before(since) || k.Key.Kind == router.KindUser {
			return true
		}
		version := k.Entry.AssignedVersion
		if k.Entry.Moved != "" {
			version = r.Stable
		}
		if units[version] == nil {
			units[version] = map[string]struct{}{}
		}
		units[version][k.Entry.UnitID] = struct{}{}
		return true
	})
	out := map[string]int64{}
	for version, of := range units {
		out[version] = int64(len(of))
	}
	return out
}
