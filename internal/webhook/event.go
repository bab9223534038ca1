package webhook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
)

// Schema names the layout of events. Keys may be added.
const Schema = "weir.event/1"

// An Event is what a receiver is told. It holds no text of dialogues.
type Event struct {
	Schema      string    `json:"schema"`
	ID          string    `json:"id"`   // the same whenever it is sent again
	Type        string    `json:"type"` // step, breaker, verdict, srm or test
	At          time.Time `json:"at"`   // when it happened
	App         string    `json:"app"`
	Release     string    `json:"release"`
	Environment string    `json:"environment"`
	Stable      string    `json:"stable"`
	Candidate   string    `json:"candidate"`
	Text        string    `json:"text"`    // in a sentence
	Change      *Change   `json:"change"`  // of step and breaker; else null
	Verdict     *Verdict  `json:"verdict"` // of verdict and srm; else null
}

// A Change is a change of the release, as weir history shows it.
type Change struct {
	Sequence int64   `json:"sequence"` // in the ledger
	Kind     string  `json:"kind"`
	Actor    string  `json:"actor"`
	Reason   string  `json:"reason"`
	Share    float64 `json:"share"`  // of new units that the candidate gets
	Before   float64 `json:"before"` // what it got
	Epoch    int64   `json:"epoch"`
}

// A Verdict is what a look came to.
type Verdict struct {
	Verdict string   `json:"verdict"`
	OK      bool     `json:"ok"` // the release may be promoted
	Reasons []string `json:"reasons"`
	Before  string   `json:"before"`      // the verdict that was told before
	SRM     *float64 `json:"srm_p_value"` // null: not known
}

// id is the same for the same thing, and says nothing.
func id(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return "evt_" + hex.EncodeToString(h.Sum(nil))[:32]
}

func eventOf(r *spec.Release, kind string, at time.Time) *Event {
	return &Event{
		Schema: Schema, Type: kind, At: at.UTC(), App: r.App, Release: r.Release, Environment: r.Environment,
		Stable: r.Stable, Candidate: r.Candidate,
	}
}

// typesOf says what a change is: the breaker's first, where both are.
func typesOf(before, e ledger.Entry) (out []spec.Event) {
	same := before.Release == e.Release
	if e.State.Breaker != "" && (!same || before.State.Breaker == "") || same && e.State.Breaker == "" && before.State.Breaker != "" {
		out = append(out, spec.EventBreaker)
	}
	if e.Kind == ledger.KindBegin || before.State.InForce() != e.State.InForce() || before.State.Header != e.State.Header {
		out = append(out, spec.EventStep)
	}
	return out
}

// changed is the event of a change, for a receiver that is told of a type.
func changed(r *spec.Release, before, e ledger.Entry, kind spec.Event) *Event {
	x := eventOf(r, kind.String(), e.At)
	x.App, x.Release = e.App, e.Release
	x.ID = id("change", e.App, strconv.FormatInt(e.Seq, 10), e.At.UTC().Format(time.RFC3339Nano))
	x.Change = &Change{
		Sequence: e.Seq, Kind: string(e.Kind), Actor: e.Actor, Reason: e.Reason,
		Share: float64(e.State.InForce()), Before: float64(before.State.InForce()), Epoch: e.State.Epoch,
	}
	if e.Kind == ledger.KindBegin {
		x.Change.Before = 0
	}
	x.Text = sentence(x, e)
	return x
}

// sentence says what a change did.
func sentence(x *Event, e ledger.Entry) string {
	text := fmt.Sprintf("%s %s: ", x.App, x.Release)
	switch s := e.State; {
	case e.Kind == ledger.KindBegin:
		text += "the release begins"
	case s.RolledBack:
		text += "rolled back, everyone goes to " + x.Stable
	case s.Promoted:
		text += "promoted, new units go to " + x.Candidate
	case s.Breaker != "":
		text += fmt.Sprintf("the breaker of %s opened (%s), everyone goes to %s", x.Candidate, s.Breaker, x.Stable)
	case s.Halted:
		text += "halted, new units go to " + x.Stable
	case s.Header != "":
		text += fmt.Sprintf("%s gets requests with the header %q", x.Candidate, s.Header)
	default:
		text += fmt.Sprintf("%s gets %s of new units, before %s", x.Candidate, percent(x.Change.Share), percent(x.Change.Before))
	}
	text += ", by " + e.Actor
	if e.Reason != "" && e.State.Breaker == "" {
		text += ": " + e.Reason
	}
	return text
}

func percent(share float64) string { return strconv.FormatFloat(share*100, 'g', 6, 64) + " %" }

// A Look is what the latest look at a release came to.
type Look struct {
	Release string
	Verdict string
	Reasons []string
	At      time.Time // zero: nobody has looked
	SRM     *SRM      // nil: not known
}

// An SRM is whether the sample ratio is what was drawn.
type SRM struct {
	OK     bool
	PValue *float64
}

// told is what a receiver knows of the verdict.
type told struct {
	Release string `json:"release"`
	Verdict string `json:"verdict"`
	SRM     bool   `json:"srm_off"`
}

// unsaid is what a release has before anybody has looked.
const unsaid = "hold"

// of is what is known of a release; of another one, nothing.
func (t told) of(release string) told {
	if t.Release != release || t.Verdict == "" {
		return told{Release: release, Verdict: unsaid}
	}
	return t
}

// knowing is what is known once a look was told.
func (l Look) knowing(t told) told {
	t = t.of(l.Release)
	t.Verdict = l.Verdict
	if l.SRM != nil {
		t.SRM = !l.SRM.OK
	}
	return t
}

// looked are the events of a look, for a receiver that knows something.
func looked(r *spec.Release, l Look, t told) (out []*Event) {
	t = t.of(l.Release)
	event := func(kind spec.Event, text string) {
		x := eventOf(r, kind.String(), l.At)
		x.Release = l.Release
		x.ID = id(kind.String(), r.App, l.Release, l.Verdict, l.At.UTC().Format(time.RFC3339Nano))
		x.Verdict = &Verdict{Verdict: l.Verdict, OK: l.Verdict == "promote", Reasons: append([]string{}, l.Reasons...), Before: t.Verdict}
		if l.SRM != nil {
			x.Verdict.SRM = l.SRM.PValue
		}
		x.Text = fmt.Sprintf("%s %s: %s", x.App, x.Release, text)
		out = append(out, x)
	}
	if l.Verdict != t.Verdict {
		text := fmt.Sprintf("the verdict is %s, before %s", l.Verdict, t.Verdict)
		if len(l.Reasons) > 0 {
			text += ": " + l.Reasons[0]
		}
		event(spec.EventVerdict, text)
	}
	if now := l.knowing(t); now.SRM != t.SRM {
		text := "the sample ratio is what was drawn again"
		if now.SRM {
			text = "the sample ratio is not what was drawn"
		}
		event(spec.EventSRM, text)
	}
	return out
}

// Test is an event that tells of nothing.
func Test(r *spec.Release, now time.Time) *Event {
	x := eventOf(r, "test", now)
	x.ID = id("test", r.App, now.UTC().Format(time.RFC3339Nano))
	x.Text = fmt.Sprintf("%s %s: a test of the webhook", r.App, r.Release)
	return x
}
