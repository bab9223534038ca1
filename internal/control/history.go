package control

import (
	"net/http"
	"strconv"

	"weir/internal/control/ledger"
)

// A Past is a change and what the release had come to after it.
type Past struct {
	Change
	Release string  `json:"release"`
	Promise string  `json:"promise"`
	State   string  `json:"state"`
	Share   float64 `json:"share"`
	Epoch   int64   `json:"epoch"`
	Header  string  `json:"header,omitempty"` // whose requests get the candidate; empty: the share decides
}

// defaultHistory is how many changes are given unless told otherwise.
const defaultHistory = 1000

// history gives the last changes, the newest first.
func (a *api) history(w http.ResponseWriter, r *http.Request, _ caller) error {
	limit := defaultHistory
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fail(http.StatusBadRequest, "bad_value", "limit is no count: write a number above 0")
		}
		limit = n
	}
	entries, err := a.Steering.History()
	if err != nil {
		return err
	}
	past := make([]Past, 0, min(limit, len(entries)))
	for i := len(entries) - 1; i >= 0 && len(past) < limit; i-- {
		past = append(past, pastOf(entries[i]))
	}
	writeJSON(w, http.StatusOK, map[string]any{"changes": past})
	return nil
}

func pastOf(e ledger.Entry) Past {
	p := Past{Change: changeOf(e), Release: e.Release, Promise: e.Promise, State: stateWord(e.State), Share: float64(e.State.Set()), Epoch: e.State.Epoch}
	if !e.State.Over() {
		p.Header = e.State.Header
	}
	return p
}
