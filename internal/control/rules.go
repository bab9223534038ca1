package control

import "net/http"

// A Rule is a rule in force.
type Rule struct {
	Name      string   `json:"name"`
	When      string   `json:"when"`
	Version   *string  `json:"version"`    // forced; null where the rule has a split
	Split     *float64 `json:"split"`      // of its units to the candidate; null where a version is forced
	FromShare *float64 `json:"from_share"` // of the ramp, from which on split counts
	Active    bool     `json:"active"`     // false while the ramp has not reached from_share
}

// rules gives the rules in force, in the order in which they are looked at.
func (a *api) rules(w http.ResponseWriter, _ *http.Request, _ caller) error {
	share := a.Steering.Current().State.Share
	out := []Rule{}
	for _, r := range a.Steering.Rules() {
		rule := Rule{Name: r.Name, When: r.When, Active: share >= r.FromShare}
		if r.Version != "" {
			rule.Version = &r.Version
		} else {
			rule.Split, rule.FromShare = new(float64(r.Split)), new(float64(r.FromShare))
		}
		out = append(out, rule)
	}
	writeJSON(w, http.StatusOK, map[string]any{"rules": out})
	return nil
}
