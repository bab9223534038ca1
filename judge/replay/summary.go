package replay

import "slices"

// A Summary says what a release's replay has come to.
type Summary struct {
	App      string           `json:"app"`
	Release  string           `json:"release"`
	Cases    int              `json:"cases"`
	Trials   int              `json:"trials"`
	Done     int              `json:"done"`     // runs done by this command
	Before   int              `json:"before"`   // runs that were done already
	Versions []VersionSummary `json:"versions"` // of this command's runs
}

// A VersionSummary counts one version's runs.
type VersionSummary struct {
	Version  string            `json:"version"`
	Runs     int               `json:"runs"`
	Requests int               `json:"requests"`
	Errors   map[string]int    `json:"errors"`   // requests, by error type
	Outcomes map[string]Passed `json:"outcomes"` // by name
}

// Passed counts the runs whose checks of an outcome all passed.
type Passed struct {
	Passed int `json:"passed"`
	Of     int `json:"of"`
}

// Summarize counts the runs of each version.
func Summarize(o Options, cases []Case, runs []Run, done int) Summary {
	s := Summary{
		App: o.App, Release: o.Release, Cases: len(cases), Trials: o.Trials,
		Done: done, Before: len(cases)*o.Trials*len(o.Versions) - done,
	}
	for _, v := range o.Versions {
		s.Versions = append(s.Versions, VersionSummary{Version: v.Name, Errors: map[string]int{}, Outcomes: map[string]Passed{}})
	}
	for _, r := range runs {
		i := slices.IndexFunc(s.Versions, func(v VersionSummary) bool { return v.Version == r.Version })
		if i < 0 {
			continue
		}
		v := &s.Versions[i]
		v.Runs++
		v.Requests += len(r.Requests)
		for _, e := range r.Requests {
			if e.ErrorType != "" {
				v.Errors[e.ErrorType]++
			}
		}
		for _, outcome := range r.Outcomes {
			p := v.Outcomes[outcome.Name]
			p.Of++
			p.Passed += int(outcome.Value)
			v.Outcomes[outcome.Name] = p
		}
	}
	return s
}
