package control

import (
	"errors"
	"net/http"
	"time"

	"weir/internal/control/ledger"
	"weir/internal/control/steering"
)

// act takes an action that needs no more than a reason, which a body may give.
func (a *api) act(w http.ResponseWriter, r *http.Request, by caller, kind ledger.Kind) error {
	var body struct {
		Reason string `json:"reason"`
	}
	if r.ContentLength != 0 {
		if err := readJSON(r, &body); err != nil {
			return err
		}
	}
	return a.do(w, r, by, steering.Action{Kind: kind, Reason: body.Reason})
}

func (a *api) rollback(w http.ResponseWriter, r *http.Request, by caller) error {
	return a.act(w, r, by, ledger.KindRollback)
}

func (a *api) promote(w http.ResponseWriter, r *http.Request, by caller) error {
	return a.act(w, r, by, ledger.KindPromote)
}

func (a *api) pause(w http.ResponseWriter, r *http.Request, by caller) error {
	return a.act(w, r, by, ledger.KindPause)
}

func (a *api) resume(w http.ResponseWriter, r *http.Request, by caller) error {
	err := a.act(w, r, by, ledger.KindResume)
	if err == nil {
		a.Resumed()
	}
	return err
}

// drillLasts is how long after the last change a drill counts as under way that nobody
// has ended: whoever began it was killed.
const drillLasts = 10 * time.Minute

// drill tries a rollback on the requests that carry a mark: begin forces them to the
// candidate, rollback sends them to the control arm, end lets go of them. Nobody else
// notices.
func (a *api) drill(w http.ResponseWriter, r *http.Request, by caller) error {
	var body struct {
		Phase string `json:"phase"`
		Mark  string `json:"mark"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	action := steering.Action{Kind: ledger.KindDrill, Drill: body.Mark, DrillBack: body.Phase == "rollback", Reason: "drill: " + body.Phase}
	c := a.Steering.Current()
	switch under := c.State.Drill; body.Phase {
	case "begin":
		if over := c.At.Add(drillLasts); under != "" && under != body.Mark && a.Now().Before(over) {
			return fail(http.StatusConflict, "refused", "another drill is under way: wait for its end; if who began it is gone, it counts as over at %s", over.UTC().Format(time.RFC3339))
		}
	case "rollback", "end":
		if under == "" || under != body.Mark {
			return fail(http.StatusConflict, "refused", "no drill of that mark is under way: begin one")
		}
		if body.Phase == "end" {
			action.Drill = ""
		}
	default:
		return fail(http.StatusBadRequest, "bad_value", "phase %q is none of begin, rollback and end", body.Phase)
	}
	if len(body.Mark) < 8 || len(body.Mark) > 64 {
		return fail(http.StatusBadRequest, "bad_value", "mark has %d characters: 8 to 64 are taken", len(body.Mark))
	}
	return a.do(w, r, by, action)
}

var errNoReload = errors.New("the spec cannot be read again here: start the process anew")

func (a *api) reload(w http.ResponseWriter, r *http.Request, by caller) error {
	if a.Reload == nil {
		return errNoReload
	}
	if _, err := ifMatch(r, a.Steering.Current().Seq); err != nil {
		return err
	}
	if _, err := a.Reload(by.name); err != nil {
		return err
	}
	return a.getDeployment(w, r, by)
}
