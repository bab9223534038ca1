package control

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"weir/internal/control/ledger"
)

// flagger answers Flagger's webhooks. Any status above 202 is a failure there.
// Which hook asks stands in the URL: what Flagger sends says in which phase its
// canary is, which is Progressing for most of them. The traffic may rise while
// there is no harm, a promotion needs the verdict promote, and the rollback hook is
// the other way round: it passes where the release is to be rolled back.
func (a *api) flagger(w http.ResponseWriter, r *http.Request, _ caller) error {
	var sent struct{ Phase string } // its later versions send more
	if err := badBody(json.NewDecoder(r.Body).Decode(&sent)); err != nil {
		return err
	}
	hook := cmp.Or(r.URL.Query().Get("hook"), sent.Phase)
	v, s := a.latest(r.Context()), a.Steering.Current().State
	back := s.RolledBack || s.Breaker != "" || v.Verdict == rollbackVerdict
	var pass bool
	switch hook {
	case "rollback":
		pass = back
	case "confirm-promotion":
		pass = !back && (s.Promoted || v.Verdict == promoteVerdict)
	case "confirm-rollout", "pre-rollout", "rollout", "confirm-traffic-increase":
		pass = !back && !v.harmful()
	case "post-rollout", "event":
		pass = true
	default:
		return fail(http.StatusBadRequest, "bad_value", "hook %q is unknown: let the webhook's url end with ?hook= and its type, such as ?hook=confirm-promotion", hook)
	}
	code := http.StatusOK
	if !pass {
		code = http.StatusConflict
	}
	writeJSON(w, code, map[string]any{"pass": pass, "hook": hook, "verdict": v.Verdict, "reasons": v.Reasons})
	return nil
}

// figures are what can be asked for in the manner of Prometheus, for Flagger's
// metric templates.
var figures = map[string]func(v Verdict, s ledger.State) float64{
	"vector(1)":    func(Verdict, ledger.State) float64 { return 1 }, // asked for to see if anybody is there
	"weir_promote": func(v Verdict, _ ledger.State) float64 { return indicator(v.Verdict == promoteVerdict) },
	"weir_harm": func(v Verdict, s ledger.State) float64 {
		return indicator(v.harmful() || s.RolledBack || s.Breaker != "")
	},
	"weir_share": func(_ Verdict, s ledger.State) float64 { return float64(s.InForce()) },
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// query answers an instant query of Prometheus' API.
func (a *api) query(w http.ResponseWriter, r *http.Request, _ caller) error {
	name := queryOf(r.URL)
	figure, ok := figures[name]
	if !ok {
		writeJSON(w, http.StatusBadRequest, map[string]any{
			"status": "error", "errorType": "bad_data",
			"error": "the query is unknown: allowed are vector(1), weir_promote, weir_harm and weir_share",
		})
		return nil
	}
	value := figure(a.latest(r.Context()), a.Steering.Current().State)
	writeJSON(w, http.StatusOK, map[string]any{"status": "success", "data": map[string]any{
		"resultType": "vector",
		"result": []any{map[string]any{
			"metric": map[string]string{},
			"value":  []any{float64(a.Now().UnixMilli()) / 1000, strconv.FormatFloat(value, 'g', -1, 64)},
		}},
	}})
	return nil
}

func queryOf(u *url.URL) string { return u.Query().Get("query") }
