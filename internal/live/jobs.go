package live

import (
	"cmp"
	"slices"

	"weir/internal/jobs"
	"weir/rollout/spec"
)

// jobs are what is done beside the traffic, here or by another process.
func (l *Live) jobs() []jobs.Status {
	if l.options.Jobs != nil {
		return l.options.Jobs()
	}
	r := l.steering.Current().Release
	here := JobStore(l.options.Lake, l.options.State, r.App).Results()
	if len(here) == 0 { // who does them may keep its state in the lake
		here = JobStore(l.options.Lake, "", r.App).Results()
	}
	return besides(r, here, l.options.Helm.Held(l.options.Now()))
}

// besides are the jobs that a release has a time for, and those that somebody has done
// outside of any, with their results. Attended tells that an autopilot is there, which
// does them; what another did is no longer done.
func besides(r *spec.Release, results map[string]jobs.Result, attended bool) []jobs.Status {
	var out []jobs.Status
	planned := map[string]bool{}
	for _, p := range r.Scheduled() {
		planned[p.Name] = true
		last := results[p.Name]
		s := jobs.Status{Name: p.Name, Schedule: p.Schedule, Zone: r.Jobs.Timezone, Last: last, Unattended: !attended}
		if attended && last.Outcome != jobs.Begun {
			s.Next = last.Next
		}
		out = append(out, s)
	}
	for name, last := range results {
		if !planned[name] && last.Schedule == "" {
			out = append(out, jobs.Status{Name: name, Zone: r.Jobs.Timezone, Last: last, Unattended: true})
		}
	}
	slices.SortFunc(out, func(a, b jobs.Status) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
