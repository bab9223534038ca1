package collector

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"weir/collector/parquet"
	"weir/trace"
)

// request records a whole request of a user.
func request(c *Collector, id, user string) {
	e := ended(id)
	e.Exchange.UserID, e.Exchange.SessionID = user, "s-"+user
	begin(c, id)
	c.Record(trace.Record{Ended: e})
}

func forgetOptions(t testing.TB, dir string) ForgetOptions {
	return ForgetOptions{App: "bot", User: "ann", Lake: must(parquet.Open(filepath.Join(dir, "lake"))), Journal: filepath.Join(dir, "journal"), Wait: 5 * time.Second}
}

func wantForgotten(t testing.TB, dir string, e parquet.Erased, err error) {
	t.Helper()
	if err != nil || !maps.Equal(e.Rows, map[string]int64{"traces": 2, "contents": 2, "outcomes": 1}) {
		t.Errorf("%+v, %v", e, err)
	}
	wantTraces(t, dir, map[string]string{"b1": "ok", "b2": "ok"})
	if n := len(rows[trace.Content](t, dir)); n != 2 {
		t.Errorf("%d texts are left", n)
	}
}

// people records requests of two, some in the lake already and some in the journal.
func people(t testing.TB, c *Collector) {
	t.Helper()
	request(c, "a1", "ann")
	request(c, "b1", "bob")
	flush(t, c)
	request(c, "a2", "ann")
	request(c, "b2", "bob")
	c.Record(trace.Record{Outcome: &trace.Outcome{OutcomeID: "o", App: "bot", SessionID: "s-ann", Name: "resolved", Value: 1}})
}

func TestForget(t *testing.T) {
	dir := folder(t)
	c := open(t, dir)
	people(t, c)
	e, err := c.Forget(t.Context(), "ann")
	wantForgotten(t, dir, e, err)

	killed := crash(t, dir) // and nothing comes back
	flush(t, open(t, killed))
	wantForgotten(t, killed, e, err)
}

// Beside a process that serves, what is in its journal is waited for.
func TestForgetBesideAServer(t *testing.T) {
	dir := folder(t)
	c := open(t, dir, func(o *Options) { o.Publish = 200 * time.Millisecond })
	people(t, c)
	o := forgetOptions(t, dir)
	o.Wait = time.Millisecond
	if _, err := Forget(t.Context(), o); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- c.Run(ctx) }()
	_, err := Forget(t.Context(), forgetOptions(t, dir))
	cancel()
	if err = errors.Join(err, <-done); err != nil {
		t.Error(err)
	}
	wantTraces(t, dir, map[string]string{"b1": "ok", "b2": "ok"})
}

// After a process has died, what it left is brought into the lake first.
func TestForgetAfterACrash(t *testing.T) {
	dir := folder(t)
	people(t, open(t, dir))
	killed := crash(t, dir)
	e, err := Forget(t.Context(), forgetOptions(t, killed))
	wantForgotten(t, killed, e, err)

	none := forgetOptions(t, killed)
	none.Journal = filepath.Join(killed, "none")
	if e, err := Forget(t.Context(), none); err != nil || e.Total() != 0 {
		t.Error(e, err)
	}
	if _, err := os.Stat(none.Journal); err == nil {
		t.Error("a journal was made")
	}
}

func TestMaintain(t *testing.T) {
	dir := folder(t)
	c := open(t, dir)
	for _, id := range []string{"a", "b", "c"} {
		end(c, id)
		flush(t, c)
	}
	m, err := Maintain(t.Context(), c.options.Lake, "bot", parquet.Retention{Contents: 24 * time.Hour}, start.AddDate(0, 0, 3))
	if err != nil || m.Expired.Rows["contents"] != 3 || m.Merged.Merged != 3 || m.Merged.Rows != 3 {
		t.Errorf("%+v, %v", m, err)
	}
	wantTraces(t, dir, map[string]string{"a": "ok", "b": "ok", "c": "ok"})
}
