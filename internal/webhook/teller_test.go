package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"weir/internal/control/ledger"
	"weir/rollout/spec"
)

const text = `
app: support-bot
release: r1
stable: v1
candidate: v2
ramp: {steps: [{to: 5%}, {to: 20%}]}
`

// A story is what happens, as a test has it happen.
type story struct {
	mu      sync.Mutex
	release *spec.Release
	changes []ledger.Entry
	look    Look
}

func newStory(t *testing.T, webhooks string) *story {
	t.Helper()
	r, err := spec.Parse("weir.yaml", []byte(text+webhooks))
	if err != nil {
		t.Fatal(err)
	}
	s := &story{release: r}
	s.happens(ledger.KindBegin, "weir", ledger.State{Epoch: 1})
	return s
}

func (s *story) Release() *spec.Release { return s.release }

func (s *story) Last() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.changes))
}

func (s *story) Changes() ([]ledger.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changes[:len(s.changes):len(s.changes)], nil
}

func (s *story) Look(context.Context) Look {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.look
}

func (s *story) happens(kind ledger.Kind, actor string, state ledger.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes = append(s.changes, ledger.Entry{
		Seq: int64(len(s.changes)) + 1, At: time.Now().UTC(), Kind: kind, Actor: actor, Reason: "because", App: s.release.App, Release: s.release.Release, State: state,
	})
}

func (s *story) says(verdict string, srm *SRM) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.look = Look{Release: "r1", Verdict: verdict, Reasons: []string{"for a reason"}, At: time.Now().UTC(), SRM: srm}
}

// An inbox is a receiver: it answers as it is told and keeps what it took.
type inbox struct {
	mu     sync.Mutex
	answer func(*http.Request) (*http.Response, error) // nil: 204
	calls  []time.Time
	ids    []string
	events []Event
}

// RoundTrip takes a call without a network, so that its clock is the test's.
func (b *inbox) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	var e Event
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		panic(err)
	}
	b.mu.Lock()
	b.calls = append(b.calls, time.Now())
	b.ids = append(b.ids, r.Header.Get(HeaderID))
	answer := b.answer
	b.mu.Unlock()
	res, err := says(204)(r)
	if answer != nil {
		res, err = answer(r)
	}
	if err == nil && res.StatusCode/100 == 2 {
		b.mu.Lock()
		b.events = append(b.events, e)
		b.mu.Unlock()
	}
	return res, err
}

func (b *inbox) will(answer func(*http.Request) (*http.Response, error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer, b.calls = answer, nil
}

func says(status int, header ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		res := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("an answer")), Request: r}
		for i := 0; i+1 < len(header); i += 2 {
			res.Header.Set(header[i], header[i+1])
		}
		return res, nil
	}
}

func hangs(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// A set of inboxes by their host.
type inboxes map[string]*inbox

func (all inboxes) RoundTrip(r *http.Request) (*http.Response, error) {
	return all[r.URL.Host].RoundTrip(r)
}

func receivers(t *testing.T, r *spec.Release) []Receiver {
	t.Helper()
	out, err := Receivers(r, func(name string) (string, bool) { return "key-of-" + name, true })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// start begins to tell, with the positions of a file, until stop is called.
func start(t *testing.T, s *story, path string, at http.RoundTripper) (told *Teller, stop func()) {
	t.Helper()
	told, err := New(Options{Feed: s, Path: path, Client: &http.Client{Transport: at, CheckRedirect: NewClient().CheckRedirect}})
	if err != nil {
		t.Fatal(err)
	}
	told.Set(receivers(t, s.release), s.Last())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- told.Run(ctx) }()
	synctest.Wait()
	return told, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func pass(d time.Duration) { time.Sleep(d); synctest.Wait() }

const all = `webhooks: [{url: "https://one/path-that-is-secret", secret: "${HOOK}"}]`

// Everything is told, once, in order, and nothing that was before.
func TestTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one := newStory(t, all), &inbox{}
		told, stop := start(t, s, filepath.Join(t.TempDir(), "webhooks.json"), one)
		defer stop()
		pass(time.Minute)
		s.happens(ledger.KindStep, "autopilot", ledger.State{Epoch: 2, Share: .05})
		s.happens(ledger.KindPause, "anna", ledger.State{Epoch: 2, Share: .05, Paused: true})
		pass(time.Minute)
		s.says("hold", &SRM{OK: true})
		pass(time.Minute)
		p := 1e-7
		s.says("invalid", &SRM{OK: false, PValue: &p})
		pass(time.Minute)
		s.says("invalid", &SRM{OK: false, PValue: &p}) // another look, the same verdict
		pass(time.Minute)
		s.happens(ledger.KindBreaker, "breaker", ledger.State{Epoch: 3, Share: .05, Breaker: "error_rate"})
		pass(time.Minute)
		s.happens(ledger.KindResume, "anna", ledger.State{Epoch: 4, Share: .05})
		s.happens(ledger.KindRollback, "anna", ledger.State{Epoch: 5, Share: .05, RolledBack: true})
		pass(time.Minute)
		var got []string
		for _, e := range one.events {
			got = append(got, e.Type+" | "+e.Text)
		}
		want := []string{
			"step | support-bot r1: v2 gets 5 % of new units, before 0 %, by autopilot: because",
			"verdict | support-bot r1: the verdict is invalid, before hold: for a reason",
			"srm | support-bot r1: the sample ratio is not what was drawn",
			"breaker | support-bot r1: the breaker of v2 opened (error_rate), everyone goes to v1, by breaker",
			"breaker | support-bot r1: v2 gets 5 % of new units, before 0 %, by anna: because",
			"step | support-bot r1: rolled back, everyone goes to v1, by anna: because",
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("it was told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if e := one.events[0]; e.Change.Sequence != 2 || e.Change.Share != .05 || e.Change.Before != 0 || e.Change.Epoch != 2 || e.Verdict != nil || e.Schema != Schema {
			t.Errorf("a step is %+v, %+v", e, e.Change)
		}
		if v := one.events[1].Verdict; v.OK || v.Before != "hold" || *v.SRM != p || len(v.Reasons) != 1 {
			t.Errorf("a verdict is %+v", v)
		}
		seen := map[string]bool{}
		for i, id := range one.ids {
			if seen[id] || id != one.events[i].ID {
				t.Errorf("the ids are %s", one.ids)
			}
			seen[id] = true
		}
		if st := told.Status()[0]; st.Delivered != 6 || st.Pending != 0 || st.Failures != 0 || st.LastStatus != 204 || st.Host != "one" {
			t.Errorf("it stands at %+v", st)
		}
	})
}

// A receiver is told what it wants alone.
func TestWanted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t, `webhooks: [{url: "http://one/", on: [breaker]}, {url: "http://two/", on: [step]}, {url: "http://two/", on: [srm]}]`)
		one, two := &inbox{}, &inbox{}
		_, stop := start(t, s, filepath.Join(t.TempDir(), "webhooks.json"), inboxes{"one": one, "two": two})
		defer stop()
		s.happens(ledger.KindStep, "autopilot", ledger.State{Epoch: 2, Share: .05})
		s.happens(ledger.KindBreaker, "breaker", ledger.State{Epoch: 3, Share: .05, Breaker: "error_rate"})
		s.says("rollback", &SRM{OK: false})
		pass(time.Minute)
		count := func(b *inbox) (out string) {
			for _, e := range b.events {
				out += e.Type + " "
			}
			return out
		}
		if got := count(one); got != "breaker " {
			t.Errorf("one was told %s", got)
		}
		if got := count(two); strings.Count(got, "step") != 2 || strings.Count(got, "srm") != 1 || len(two.events) != 3 {
			t.Errorf("two was told %s", got)
		}
	})
}

// A receiver that fails is called later and later, under the same id; what happens
// meanwhile comes after. Another one does not wait.
func TestFailing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t, `webhooks: [{url: "http://one/"}, {url: "http://two/"}]`)
		one, two := &inbox{}, &inbox{}
		told, stop := start(t, s, filepath.Join(t.TempDir(), "webhooks.json"), inboxes{"one": one, "two": two})
		defer stop()
		one.will(says(500))
		for i := range 3 {
			s.happens(ledger.KindStep, "autopilot", ledger.State{Epoch: 2, Share: spec.Share(i+1) / 100})
		}
		pass(30 * time.Second)
		if len(two.events) != 3 {
			t.Errorf("two was told %d events", len(two.events))
		}
		pass(24 * time.Hour)
		pause := 5 * time.Second
		for i := 1; i < len(one.calls); i++ {
			took := one.calls[i].Sub(one.calls[i-1])
			if took < pause*8/10 || took > pause*12/10+lookEvery {
				t.Errorf("call %d came after %v, want some %v", i, took, pause)
			}
			if one.ids[i] != one.ids[0] {
				t.Errorf("call %d has another id", i)
			}
			pause = min(2*pause, time.Hour)
		}
		if st := told.Status()[0]; st.Failures != len(one.calls) || st.Pending != 3 || st.Error != "it answers 500" || st.LastStatus != 500 || !st.NextAt.After(time.Now()) {
			t.Errorf("it stands at %+v", st)
		}
		one.will(nil)
		pass(2 * time.Hour)
		if st := told.Status()[0]; len(one.events) != 3 || st.Failures != 0 || st.Error != "" || st.Pending != 0 || st.Dropped != 0 {
			t.Errorf("it was told %d events, and stands at %+v", len(one.events), st)
		}
		for i, e := range one.events {
			if e.Change.Sequence != int64(i+2) {
				t.Errorf("event %d is of change %d", i, e.Change.Sequence)
			}
		}
	})
}

// An event that nobody takes for three days is given up, and counted.
func TestGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one := newStory(t, all), &inbox{answer: says(503)}
		told, stop := start(t, s, filepath.Join(t.TempDir(), "webhooks.json"), one)
		defer stop()
		s.happens(ledger.KindStep, "autopilot", ledger.State{Share: .05})
		pass(75 * time.Hour)
		s.happens(ledger.KindStep, "autopilot", ledger.State{Share: .20})
		one.will(nil)
		pass(2 * time.Hour)
		if st := told.Status()[0]; st.Dropped != 1 || st.Delivered != 1 || len(one.events) != 1 || one.events[0].Change.Share != .2 {
			t.Errorf("it stands at %+v, and was told %d events", st, len(one.events))
		}
	})
}

// What a receiver asks for with Retry-After is granted, within a day.
func TestRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"600": 600 * time.Second, "Sat, 01 Jan 2000 03:00:00 GMT": 3 * time.Hour, "99999999": 24 * time.Hour, "-5": 5 * time.Second, "soon": 5 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			s, one := newStory(t, all), &inbox{answer: says(429, "Retry-After", header)}
			_, stop := start(t, s, filepath.Join(t.TempDir(), "webhooks.json"), one)
			defer stop()
			s.happens(ledger.KindStep, "autopilot", ledger.State{Share: .05})
			pass(time.Hour * 25)
			if len(one.calls) < 2 {
				t.Fatalf("%s: %d calls", header, len(one.calls))
			}
			if got := one.calls[1].Sub(one.calls[0]); got < want*8/10 || got > want*12/10+lookEvery {
				t.Errorf("%s: the second call came after %v", header, got)
			}
		})
	}
}

// One that hangs is left after a while.
func TestHanging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one := newStory(t, all), &inbox{answer: hangs}
		told, stop := start(t, s, filepath.Join(t.TempDir(), "webhooks.json"), one)
		s.happens(ledger.KindStep, "autopilot", ledger.State{Share: .05})
		pass(20 * time.Second)
		if st := told.Status()[0]; st.Error != "no answer within 15s" || st.LastStatus != 0 {
			t.Errorf("it stands at %+v", st)
		}
		pass(5 * time.Minute)
		stop() // in the middle of a call
	})
}

// One that answers 410 is left alone until the spec is read again.
func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one := newStory(t, all), &inbox{answer: says(410)}
		told, stop := start(t, s, filepath.Join(t.TempDir(), "webhooks.json"), one)
		defer stop()
		s.happens(ledger.KindStep, "autopilot", ledger.State{Share: .05})
		pass(100 * time.Hour)
		if st := told.Status()[0]; len(one.calls) != 1 || !st.Gone {
			t.Errorf("it was called %d times, and stands at %+v", len(one.calls), st)
		}
		one.will(nil)
		told.Set(receivers(t, s.release), s.Last())
		pass(time.Minute)
		if st := told.Status()[0]; len(one.events) != 1 || st.Gone {
			t.Errorf("it was told %d events, and stands at %+v", len(one.events), st)
		}
	})
}

// A process that is killed while it tells tells again, under the same id; one that was
// not there tells what happened meanwhile.
func TestKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one, path := newStory(t, all), &inbox{}, filepath.Join(t.TempDir(), "webhooks.json")
		_, stop := start(t, s, path, one)
		var during []byte
		one.will(func(r *http.Request) (*http.Response, error) {
			during, _ = os.ReadFile(path) // what a kill at this point leaves
			return says(200)(r)
		})
		s.happens(ledger.KindStep, "autopilot", ledger.State{Share: .05})
		s.says("rollback", &SRM{OK: false})
		pass(time.Minute)
		stop()
		if len(one.events) != 3 {
			t.Fatalf("it was told %d events", len(one.events))
		}
		if err := os.WriteFile(path, during, 0o600); err != nil {
			t.Fatal(err)
		}
		one.will(nil)
		s.happens(ledger.KindRollback, "autopilot", ledger.State{Share: .05, RolledBack: true})
		_, stop = start(t, s, path, one)
		pass(time.Minute)
		stop()
		if got := fmt.Sprint(types(one.events)); got != "[step verdict srm srm step]" || one.ids[2] != one.ids[3] {
			t.Errorf("it was told %s, ids %s", got, one.ids)
		}
		_, stop = start(t, s, path, one)
		pass(time.Minute)
		stop()
		if len(one.events) != 5 {
			t.Errorf("it was told %s", types(one.events))
		}
	})
}

func types(events []Event) (out []string) {
	for _, e := range events {
		out = append(out, e.Type)
	}
	return out
}

// A receiver that lags far behind is told the latest, and the rest is counted.
func TestBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one, path := newStory(t, all), &inbox{}, filepath.Join(t.TempDir(), "webhooks.json")
		_, stop := start(t, s, path, one)
		stop()
		for i := range maxBacklog + 50 {
			s.happens(ledger.KindStep, "autopilot", ledger.State{Share: spec.Share(i%2+1) / 100})
		}
		told, stop := start(t, s, path, one)
		pass(time.Hour)
		stop()
		if st := told.Status()[0]; len(one.events) != maxBacklog || st.Dropped != 50 || one.events[maxBacklog-1].Change.Sequence != s.Last() {
			t.Errorf("it was told %d events, and stands at %+v", len(one.events), st)
		}
	})
}

// Receivers come and go with the spec; one that stays goes on, a new one hears what
// comes, a new release begins with hold.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStory(t, `webhooks: [{url: "http://one/"}]`)
		one, two := &inbox{answer: says(500)}, &inbox{}
		told, stop := start(t, s, filepath.Join(t.TempDir(), "webhooks.json"), inboxes{"one": one, "two": two})
		defer stop()
		s.says("promote", nil)
		pass(time.Minute)
		next := newStory(t, `webhooks: [{url: "http://two/"}, {url: "http://one/", on: [step]}]`)
		next.release.Release = "r2"
		s.mu.Lock()
		s.release = next.release
		s.mu.Unlock()
		told.Set(receivers(t, next.release), s.Last())
		one.will(nil)
		pass(time.Minute)
		if got := fmt.Sprint(types(one.events), types(two.events)); got != "[verdict] []" {
			t.Errorf("they were told %s", got)
		}
		s.mu.Lock()
		s.look.Release, s.look.Verdict, s.look.At = "r2", "promote", time.Now()
		s.mu.Unlock()
		pass(time.Minute)
		if got := fmt.Sprint(types(one.events), types(two.events)); got != "[verdict] [verdict]" || two.events[0].Release != "r2" || two.events[0].Verdict.Before != "hold" {
			t.Errorf("they were told %s", got)
		}
		told.Set(nil, s.Last())
		pass(time.Minute)
		if st := told.Status(); len(st) != 0 {
			t.Errorf("there are %+v", st)
		}
	})
}

// A file that cannot be read is an error that says what to do; a disk that takes
// nothing costs nothing but that events come again after a restart.
func TestDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one, path := newStory(t, all), &inbox{}, filepath.Join(t.TempDir(), "webhooks.json")
		for _, bad := range []string{"", "{", `{"schema": "weir.webhooks/2", "receivers": {}}`} {
			if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := New(Options{Feed: s, Path: path}); err == nil || !strings.Contains(err.Error(), "move it away") {
				t.Errorf("%q: %v", bad, err)
			}
		}
		folder := filepath.Join(t.TempDir(), "state")
		_, stop := start(t, s, filepath.Join(folder, "webhooks.json"), one)
		if err := errors.Join(os.RemoveAll(folder), os.WriteFile(folder, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		s.happens(ledger.KindStep, "autopilot", ledger.State{Share: .05})
		pass(time.Minute)
		stop()
		if len(one.events) != 1 {
			t.Errorf("it was told %d events", len(one.events))
		}
	})
}

// The file of positions holds no secret.
func TestNoSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one, path := newStory(t, all), &inbox{answer: func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") }}, filepath.Join(t.TempDir(), "webhooks.json")
		told, stop := start(t, s, path, one)
		s.happens(ledger.KindStep, "autopilot", ledger.State{Share: .05})
		pass(time.Minute)
		stop()
		raw, err := os.ReadFile(path)
		shown := fmt.Sprintf("%+v", told.Status())
		for _, secret := range []string{"path-that-is-secret", "key-of-HOOK"} {
			if err != nil || bytes.Contains(raw, []byte(secret)) || strings.Contains(shown, secret) {
				t.Errorf("it says %s, %s, %v", raw, shown, err)
			}
		}
		if !strings.Contains(shown, "refused") {
			t.Errorf("it says %s", shown)
		}
	})
}

// A verdict that another has taken the place of is told all the same, however long the
// receiver was away, and across a kill; what waits counts only what it wants.
func TestVerdictsInBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one, path := newStory(t, `webhooks: [{url: "http://one/", on: [verdict, srm, breaker]}]`), &inbox{answer: says(503)}, filepath.Join(t.TempDir(), "webhooks.json")
		told, stop := start(t, s, path, one)
		for i, verdict := range []string{"invalid", "hold", "promote", "hold"} {
			s.happens(ledger.KindStep, "autopilot", ledger.State{Share: spec.Share(i+1) / 100})
			s.says(verdict, &SRM{OK: verdict != "invalid"})
			pass(time.Minute)
		}
		if st := told.Status()[0]; st.Pending != 6 {
			t.Errorf("6 events wait for it, it says %d", st.Pending)
		}
		s.happens(ledger.KindBreaker, "breaker", ledger.State{Share: .04, Breaker: "error_rate"})
		if st := told.Status()[0]; st.Pending != 7 {
			t.Errorf("7 events wait for it, it says %d", st.Pending)
		}
		stop()
		one.will(nil)
		_, stop = start(t, s, path, one)
		pass(3 * time.Hour)
		stop()
		var got []string
		for _, e := range one.events {
			if got = append(got, e.Type); e.Verdict != nil {
				got[len(got)-1] += " " + e.Verdict.Before + ">" + e.Verdict.Verdict
			}
		}
		if want := "verdict hold>invalid, srm hold>invalid, verdict invalid>hold, srm invalid>hold, verdict hold>promote, verdict promote>hold, breaker"; strings.Join(got, ", ") != want {
			t.Errorf("it was told %s\nwant %s", strings.Join(got, ", "), want)
		}
	})
}

// A receiver that comes with a release is told that it begins.
func TestBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one := newStory(t, all), &inbox{}
		told, err := New(Options{Feed: s, Path: filepath.Join(t.TempDir(), "webhooks.json"), Client: &http.Client{Transport: one}})
		if err != nil {
			t.Fatal(err)
		}
		told.Set(receivers(t, s.release), 0)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _ = told.Run(ctx) }()
		pass(time.Minute)
		cancel()
		if len(one.events) != 1 || one.events[0].Text != "support-bot r1: the release begins, by weir: because" {
			t.Errorf("it was told %+v", one.events)
		}
	})
}

// What is told late of a release that is over names its own versions.
func TestLateEventHasItsOwnVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, one := newStory(t, all), &inbox{answer: says(503)}
		s.changes[0].Spec = s.release.Steering()
		_, stop := start(t, s, filepath.Join(t.TempDir(), "webhooks.json"), one)
		defer stop()
		s.happens(ledger.KindStep, "autopilot", ledger.State{Share: .05})
		pass(time.Second)
		s.happens(ledger.KindPromote, "anna", ledger.State{Share: .05, Promoted: true})
		next, err := spec.Parse("weir.yaml", []byte(strings.NewReplacer("r1", "r2", "v2", "v3", "v1", "v2").Replace(text)))
		if err != nil {
			t.Fatal(err)
		}
		s.mu.Lock()
		s.release = next
		s.mu.Unlock()
		s.happens(ledger.KindBegin, "anna", ledger.State{})
		one.will(nil)
		pass(time.Hour)
		if len(one.events) != 3 {
			t.Fatalf("it was told %+v", one.events)
		}
		if e := one.events[1]; e.Release != "r1" || e.Candidate != "v2" || !strings.Contains(e.Text, "promoted, new units go to v2") {
			t.Errorf("the promotion is told as %+v", e)
		}
		if e := one.events[2]; e.Release != "r2" || e.Candidate != "v3" {
			t.Errorf("the beginning is told as %+v", e)
		}
	})
}

// Positions that an earlier Weir left are gone on with: what it was telling is told once.
func TestEarlierPositions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "webhooks.json")
	const earlier = `{"schema": "weir.webhooks/1", "receivers": {"x": {"sequence": 3, "told": {"release": "r1", "verdict": "hold", "srm_off": false},
		"pending": {"id": "evt_1", "type": "verdict"}, "after": {"release": "r1", "verdict": "promote", "srm_off": false}}}}`
	if err := os.WriteFile(path, []byte(earlier), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := load(path)
	if err != nil || got["x"].Told.Verdict != "promote" || got["x"].Pending.ID != "evt_1" || got["x"].Seq != 3 {
		t.Errorf("%+v, %v", got["x"], err)
	}
}
