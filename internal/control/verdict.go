package control

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// A Verdict is what the latest look at the release came to.
type Verdict struct {
	Verdict string `json:"verdict"` // promote, hold, rollback or invalid
	// OK tells whether the release may be promoted: the verdict is promote.
	OK      bool     `json:"ok"`
	Reasons []string `json:"reasons"`
	// At is when was looked; null where nobody has.
	At *time.Time `json:"at"`
	// Record is the decision record as weir gate writes it; null where there is
	// none.
	Record json.RawMessage `json:"record,omitempty"`
	// Of is the release that was looked at; empty: not known. SRM is its sample ratio;
	// nil: not known.
	Of  string `json:"-"`
	SRM *SRM   `json:"-"`
}

// An SRM is whether the units of both arms are in the ratio that they were drawn in.
type SRM struct {
	OK     bool    `json:"ok"`
	PValue float64 `json:"p_value"`
}

// Known is a verdict on a release: one on another release, such as the one before, says
// nothing of it.
func (v Verdict) Known(release string) Verdict {
	if v.Of == "" || v.Of == release {
		return v
	}
	return Verdict{Verdict: holdVerdict, Of: release, Reasons: []string{"nobody has looked at release " + release + " yet; the latest look was at " + v.Of}}
}

// latest is the verdict on the release in force.
func (a *api) latest(ctx context.Context) Verdict {
	return a.Verdict.Verdict(ctx).Known(a.Steering.Current().Release.Release)
}

// The verdicts, as package rollout names them.
const (
	promoteVerdict  = "promote"
	holdVerdict     = "hold"
	rollbackVerdict = "rollback"
	invalidVerdict  = "invalid"
)

// harmful tells whether a verdict says to stop.
func (v Verdict) harmful() bool { return v.Verdict == rollbackVerdict || v.Verdict == invalidVerdict }

// verdict answers 200 whatever the verdict: for Argo Rollouts' web metric any
// other status is a failed measurement.
func (a *api) verdict(w http.ResponseWriter, r *http.Request, _ caller) error {
	v := a.latest(r.Context())
	v.OK = v.Verdict == promoteVerdict
	if v.Reasons == nil {
		v.Reasons = []string{}
	}
	c := a.Steering.Current()
	writeJSON(w, http.StatusOK, struct {
		App     string `json:"app"`
		Release string `json:"release"`
		State   string `json:"state"`
		Verdict
	}{c.App, c.Release.Release, stateWord(c.State), v})
	return nil
}
