package control

import (
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
	v := a.Verdict.Verdict(r.Context())
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
