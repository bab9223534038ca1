package parquet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"weir/trace"
)

// people publishes requests of a few users and what hangs on them, in many batches, and returns all
// rows as names of what they belong to.
func people(t testing.TB, l *Lake, r *rand.Rand) (rows Rows) {
	t.Helper()
	pick := func(names ...string) string { return names[r.IntN(len(names))] }
	for i := range 12 {
		var b Rows
		for j := range 5 {
			e := exchange(fmt.Sprint("t", i, ".", j), r.IntN(3))
			e.UserID, e.SessionID = pick("", "ann", "bob", "cy"), pick("", "s1", "s2", "s3", "s4")
			e.CaseID = pick("", "", "", "c1", "c2", "c3", "c4", "c5")
			b.Exchanges = append(b.Exchanges, e)
			b.Contents = append(b.Contents, DatedContent{trace.Date(e.StartedAt), trace.Content{TraceID: e.TraceID, App: "bot", Input: "text"}})
		}
		trace1 := pick("", fmt.Sprint("t", r.IntN(12), ".1"))
		o := trace.Outcome{OutcomeID: fmt.Sprint("o", i), App: "bot", Name: "resolved"}
		switch r.IntN(3) {
		case 0:
			o.UserID = pick("ann", "bob")
		case 1:
			o.SessionID = pick("s1", "s2", "s9")
		default:
			o.TraceID = trace1
		}
		b.Outcomes = append(b.Outcomes, o)
		b.Judgments = append(b.Judgments, trace.Judgment{JudgmentID: fmt.Sprint("j", i), App: "bot", Criterion: "c", TraceID: trace1, SessionID: pick("", "s3"), CaseID: pick("", "c1", "c9")})
		b.Labels = append(b.Labels, trace.Label{LabelID: fmt.Sprint("l", i), App: "bot", Criterion: "c", TraceID: trace1, SessionID: pick("", "s4"), CaseID: pick("", "c2", "c3")})
		b.Losses = append(b.Losses, trace.Loss{LossID: fmt.Sprint("x", i), App: "bot", Reason: "bad_row", Rows: 1})
		publishRows(t, l, fmt.Sprint("seg-", i), b)
		rows.Exchanges, rows.Contents, rows.Outcomes = append(rows.Exchanges, b.Exchanges...), append(rows.Contents, b.Contents...), append(rows.Outcomes, b.Outcomes...)
		rows.Judgments, rows.Labels, rows.Losses = append(rows.Judgments, b.Judgments...), append(rows.Labels, b.Labels...), append(rows.Losses, b.Losses...)
	}
	return rows
}

// names returns the ids of all rows but those that gone belongs to.
func names(r Rows, user string) map[string]bool {
	sessions, traces, cases := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range r.Exchanges {
		if user != "" && e.UserID == user {
			sessions[e.SessionID] = e.SessionID != ""
		}
	}
	left := map[string]bool{}
	for _, e := range r.Exchanges {
		traces[e.TraceID] = user != "" && (e.UserID == user || e.UserID == "" && sessions[e.SessionID])
		if traces[e.TraceID] {
			cases[e.CaseID] = e.CaseID != ""
		} else {
			left["exchange "+e.TraceID] = true
		}
	}
	for _, c := range r.Contents {
		if !traces[c.Content.TraceID] {
			left["content "+c.Content.TraceID] = true
		}
	}
	for _, o := range r.Outcomes {
		if !traces[o.TraceID] && !sessions[o.SessionID] && (user == "" || o.UserID != user) {
			left[o.OutcomeID] = true
		}
	}
	for _, j := range r.Judgments {
		if !traces[j.TraceID] && !sessions[j.SessionID] && !cases[j.CaseID] {
			left[j.JudgmentID] = true
		}
	}
	for _, l := range r.Labels {
		if !traces[l.TraceID] && !sessions[l.SessionID] && !cases[l.CaseID] {
			left[l.LabelID] = true
		}
	}
	for _, l := range r.Losses {
		left[l.LossID] = true
	}
	return left
}

// held returns the rows of the lake.
func held(t testing.TB, l *Lake) (r Rows) {
	r.Exchanges = flat(readTable[trace.Exchange](t, l))
	for _, c := range flat(readTable[trace.Content](t, l)) {
		r.Contents = append(r.Contents, DatedContent{Content: c})
	}
	r.Outcomes, r.Judgments = flat(readTable[trace.Outcome](t, l)), flat(readTable[trace.Judgment](t, l))
	r.Labels, r.Losses = flat(readTable[trace.Label](t, l)), flat(readTable[trace.Loss](t, l))
	return r
}

func flat[T any](folders map[string][]T) (all []T) {
	for _, rows := range folders {
		all = append(all, rows...)
	}
	return all
}

// A person's rows go, whatever table and file they are in, and nobody else's; what was erased does
// not come back when its batch does.
func TestErase(t *testing.T) {
	for seed := range uint64(6) {
		l := openLake(t, t.TempDir())
		l.disk.volatile = true
		all := people(t, l, rand.New(rand.NewPCG(seed, 1)))
		if seed%2 == 1 {
			compact(t, l)
		}
		want := names(all, "ann")
		e, err := l.Erase(t.Context(), "bot", "ann")
		if err != nil || e.Kept != nil {
			t.Fatal(e, err)
		}
		if got := names(held(t, l), ""); !maps.Equal(got, want) {
			t.Fatalf("%d rows are left, want %d", len(got), len(want))
		}
		if e.Total() != int64(len(names(all, ""))-len(want)) || e.Files == 0 || e.Rows["traces"] == 0 || e.Rows["contents"] != e.Rows["traces"] {
			t.Errorf("%+v, %d of %d rows are left", e, len(want), len(names(all, "")))
		}
		wantTidy(t, l)
		if e, err := l.Erase(t.Context(), "bot", "ann"); err != nil || e.Total() != 0 || e.Files != 0 {
			t.Errorf("again: %+v, %v", e, err)
		}
		for i := range 12 { // after a crash of whoever published it
			touched := seed%2 == 1 || len(names(Rows{Exchanges: all.Exchanges[5*i : 5*i+5]}, "ann")) < 5
			b, err := l.Begin(fmt.Sprint("seg-", i))
			if err == nil {
				b.Abort()
			}
			if touched && !errors.Is(err, ErrCompacted) {
				t.Errorf("batch %d, of which rows were erased, may come again: %v", i, err)
			}
		}
	}
}

func TestEraseRefuses(t *testing.T) {
	l := openLake(t, t.TempDir())
	if _, err := l.Erase(t.Context(), "bot", ""); err == nil {
		t.Error("nobody was erased")
	}
	people(t, l, rand.New(rand.NewPCG(1, 1)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Erase(ctx, "bot", "ann"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wantTidy(t, l)
	if e, err := l.Erase(t.Context(), "other", "ann"); err != nil || e.Total() != 0 {
		t.Error(e, err)
	}
	f := must(l.Files("traces", "bot"))[0]
	if err := os.WriteFile(filepath.Join(l.dir, f.Path), []byte("no Parquet"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := l.Erase(t.Context(), "bot", "ann")
	wantError(t, err, f.Path)
}

// A person is erased while others write, also what is written meanwhile, and nothing of theirs is.
func TestEraseAtOnce(t *testing.T) {
	l := openLake(t, t.TempDir())
	l.disk.volatile = true
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := range 15 {
				b := must(l.Begin(fmt.Sprint("seg-", w, "-", i)))
				for _, user := range []string{"ann", "bob"} {
					e := exchange(fmt.Sprint(user, w, ".", i), 0)
					e.UserID = user
					if err := b.Exchange(&e); err != nil {
						t.Error(err)
					}
				}
				if err := b.Commit(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 5 {
		if _, err := l.Erase(t.Context(), "bot", "ann"); err != nil {
			t.Error(err)
		}
		compact(t, l)
	}
	writers.Wait()
	if _, err := l.Erase(t.Context(), "bot", "ann"); err != nil {
		t.Fatal(err)
	}
	got := ids(t, l)
	if len(got) != 30 || got[0][:3] != "bob" {
		t.Errorf("%d rows are left: %v", len(got), got)
	}
	wantTidy(t, l)
}
