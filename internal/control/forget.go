package control

import (
	"errors"
	"net/http"
)

// Forgotten says what was taken out of the lake for a person.
type Forgotten struct {
	Rows  map[string]int64 `json:"rows"`  // by table
	Files int              `json:"files"` // that were rewritten
	// Kept are files that could not be rewritten without a loss, and still hold
	// rows of the person.
	Kept []string `json:"kept"`
}

var errNoForget = errors.New("nobody can be forgotten here: run weir forget on the lake")

// forget erases a person. Who asked is noted, and not of whom.
func (a *api) forget(w http.ResponseWriter, r *http.Request, by caller) error {
	if a.Forget == nil {
		return errNoForget
	}
	var body struct {
		User string `json:"user"`
	}
	if err := readJSON(r, &body); err != nil {
		return err
	}
	if body.User == "" {
		return fail(http.StatusBadRequest, "no_user", "user is missing: name the user id as the requests had it")
	}
	f, err := a.Forget(r.Context(), a.Hash(body.User))
	if err != nil {
		a.Log.Error("a person was not forgotten whole", "by", by.name, "error", err)
		return fail(http.StatusServiceUnavailable, "not_forgotten", "%v: try again, nothing that is gone comes back", err)
	}
	a.Log.Info("a person was forgotten", "by", by.name, "rows", f.Rows)
	writeJSON(w, http.StatusOK, f)
	return nil
}
