package control

import (
	"encoding/json"
	"net/http"
	"time"
)

// Effects are what of a decision record a page shows at a glance, under the
// record's own names.
type Effects struct {
	Verdict string          `json:"verdict"`
	Reasons []string        `json:"reasons"`
	At      *time.Time      `json:"at"`
	Needs   json.RawMessage `json:"needs"`
	Design  json.RawMessage `json:"design"`
	Period  json.RawMessage `json:"period"`
	Units   json.RawMessage `json:"units"`
	Health  json.RawMessage `json:"health"`
	Metrics []Effect        `json:"metrics"`
}

// An Effect is what the analysis says of a metric.
type Effect struct {
	Name      string          `json:"name"`
	Role      string          `json:"role"`
	Kind      string          `json:"kind"`
	Good      string          `json:"good"`
	Unit      string          `json:"unit"`
	Control   json.RawMessage `json:"control"`
	Treatment json.RawMessage `json:"treatment"`
	Absolute  json.RawMessage `json:"absolute"`
	Relative  json.RawMessage `json:"relative"`
	Test      json.RawMessage `json:"test"`
	Margin    json.RawMessage `json:"margin"`
	Direction string          `json:"direction"`
	Warnings  []string        `json:"warnings"`
}

// effects gives what the latest look came to, without the moments that it was
// computed from.
func (a *api) effects(w http.ResponseWriter, r *http.Request, _ caller) error {
	v := a.latest(r.Context())
	var record struct {
		Analysis struct {
			Effects
			Decision struct {
				Needs json.RawMessage `json:"needs"`
			} `json:"decision"`
		} `json:"analysis"`
	}
	if v.Record != nil {
		if err := json.Unmarshal(v.Record, &record); err != nil {
			return err
		}
	}
	out := record.Analysis.Effects
	out.Verdict, out.Reasons, out.At, out.Needs = v.Verdict, append([]string{}, v.Reasons...), v.At, record.Analysis.Decision.Needs
	if out.Metrics == nil {
		out.Metrics = []Effect{}
	}
	writeJSON(w, http.StatusOK, out)
	return nil
}
