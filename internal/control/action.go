package control

import (
	"errors"
	"net/http"

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
