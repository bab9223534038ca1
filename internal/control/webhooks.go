package control

import (
	"net/http"
	"time"

	"weir/internal/webhook"
)

// A Webhook is how a receiver is told what happens. It is named by its place in the
// spec and its host: paths may hold secrets.
type Webhook struct {
	Name        string     `json:"name"`
	Host        string     `json:"host"`
	On          []string   `json:"on"`
	State       string     `json:"state"`   // idle, telling, failing or gone: the receiver wants no more
	Pending     int64      `json:"pending"` // events that it does not know, as far as is known
	Delivered   int64      `json:"delivered"`
	DeliveredAt *time.Time `json:"delivered_at"`
	Dropped     int64      `json:"dropped"`
	Failures    int        `json:"failures"`    // in a row
	At          *time.Time `json:"at"`          // of the last call
	NextAt      *time.Time `json:"next_at"`     // of the next call; null: nothing waits
	LastStatus  *int       `json:"last_status"` // of the last answer; null: there was none
	Error       string     `json:"error,omitempty"`
}

func webhookOf(s webhook.Status) Webhook {
	w := Webhook{
		Name: s.Name, Host: s.Host, On: append([]string{}, s.On...), State: "idle", Pending: s.Pending,
		Delivered: s.Delivered, DeliveredAt: moment(s.DeliveredAt), Dropped: s.Dropped, Failures: s.Failures,
		At: moment(s.TriedAt), NextAt: moment(s.NextAt), Error: s.Error,
	}
	switch {
	case s.Gone:
		w.State, w.NextAt = "gone", nil
	case s.Failures > 0:
		w.State = "failing"
	case s.Pending > 0:
		w.State = "telling"
	}
	if s.LastStatus != 0 {
		w.LastStatus = &s.LastStatus
	}
	return w
}

// webhooks gives who is told, in the order of the spec.
func (a *api) webhooks(w http.ResponseWriter, _ *http.Request, _ caller) error {
	writeJSON(w, http.StatusOK, a.webhooksNow())
	return nil
}

func (a *api) webhooksNow() map[string][]Webhook {
	out := []Webhook{}
	for _, s := range a.Webhooks() {
		out = append(out, webhookOf(s))
	}
	return map[string][]Webhook{"webhooks": out}
}
