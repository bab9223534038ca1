package browse

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"weir/analyze/lake"
	"weir/collector/parquet"
	"weir/trace"
)

// TestWindowsCutTimeOnce holds windows to what they are for: every file's requests
// are in some window, and no moment is in two.
func TestWindowsCutTimeOnce(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		var files []parquet.File
		for d := range chance.IntN(12) {
			if chance.IntN(4) == 0 {
				continue
			}
			day := start.AddDate(0, 0, d).Truncate(24 * time.Hour)
			for n := range 1 + chance.IntN(3) {
				first := day.Add(time.Duration(chance.Int64N(int64(12 * time.Hour))))
				files = append(files, parquet.File{Path: fmt.Sprint(d, n), Date: trace.Date(day), Rows: 1 + chance.Int64N(5000), First: first, Last: first.Add(11 * time.Hour)})
			}
		}
		var from, to time.Time
		if chance.IntN(2) == 0 {
			from = start.AddDate(0, 0, chance.IntN(5))
		}
		if chance.IntN(2) == 0 {
			to = start.AddDate(0, 0, 3+chance.IntN(9))
		}
		list := windows(files, from, to, chance.IntN(2) == 0, 1+chance.Int64N(3000))
		for i, w := range list {
			if want := to; i == 0 && !w.to.Equal(want) || i > 0 && !w.to.Equal(list[i-1].from) {
				t.Fatalf("window %d ends at %v: the one before begins at another time", i, w.to)
			}
		}
		if n := len(list); n > 0 && !list[n-1].from.Equal(from) {
			t.Fatalf("the last window begins at %v, not at %v", list[n-1].from, from)
		}
		for _, f := range files {
			for _, at := range []time.Time{f.First, f.Last} {
				if at.Before(from) || !to.IsZero() && !at.Before(to) {
					continue
				}
				in := 0
				for _, w := range list {
					if !at.Before(w.from) && (w.to.IsZero() || at.Before(w.to)) {
						in++
						if !slices.ContainsFunc(w.files, func(g parquet.File) bool { return g.Path == f.Path }) {
							t.Fatalf("the window of %v lacks the file that it is in", at)
						}
					}
				}
				if in != 1 {
					t.Fatalf("%v is in %d windows", at, in)
				}
			}
		}
	}
}

// longTalks are sessions that go on for days, some without a time, some without an id.
func longTalks() (*parquet.Rows, []string) {
	chance := rand.New(rand.NewPCG(2, 2))
	rows := &parquet.Rows{}
	type seen struct {
		session string
		last    time.Time
	}
	var met []seen
	for i := range 75 {
		session := fmt.Sprintf("t%03d", i)
		x := seen{session: session}
		if i%10 == 9 {
			x.session = session + "-0"
		}
		at := start.Add(time.Duration(chance.Int64N(int64(96 * time.Hour))))
		matches := false
		for n := range 1 + chance.IntN(4) {
			e := trace.Exchange{TraceID: fmt.Sprintf("%s-%d", session, n), App: "bot", SessionID: session, AssignedVersion: "v1", StartedAt: at}
			c := trace.Content{TraceID: e.TraceID, App: "bot", Input: "hello"}
			if i%10 == 9 { // a request by itself
				e.SessionID = ""
			}
			if i%25 == 24 && n == 0 {
				e.StartedAt = time.Time{}
			}
			if chance.IntN(3) == 0 {
				e.ErrorType, c.Input = "timeout", "a needle"
				matches = true
				if at := e.StartedAt; at.After(x.last) {
					x.last = at
				}
			}
			rows.Exchanges = append(rows.Exchanges, e)
			rows.Contents = append(rows.Contents, parquet.DatedContent{Content: c, Date: trace.Date(e.StartedAt)})
			at = at.Add(time.Duration(chance.Int64N(int64(20 * time.Hour))))
			if i%10 == 9 {
				break
			}
		}
		if matches {
			met = append(met, x)
		}
	}
	slices.SortFunc(met, func(a, b seen) int {
		if c := b.last.Compare(a.last); c != 0 {
			return c
		}
		if a.session < b.session {
			return 1
		}
		return -1
	})
	var order []string
	for _, x := range met {
		order = append(order, x.session)
	}
	return rows, order
}

// TestSearchInWindows finds the same sessions in the same order, each once, however
// small windows and pages are, and however soon the time is up.
func TestSearchInWindows(t *testing.T) {
	dir := t.TempDir()
	rows, want := longTalks()
	keep(t, dir, "made", rows)
	for _, size := range []int64{25, 100_000} {
		for _, limit := range []int{9, 200} {
			for _, search := range []lake.Search{{Failed: true}, {Text: "NEEDLE"}} {
				for _, hurried := range []bool{false, true} {
					clock := start
					b := &browser{Config: Config{Lake: dir, App: "bot", Patience: time.Second, Now: func() time.Time {
						if hurried {
							clock = clock.Add(time.Minute)
						}
						return clock
					}}, size: size}
					search.App, search.Limit = "bot", limit
					if got := pages(t, b, search); !slices.Equal(got, want) {
						t.Fatalf("windows of %d, pages of %d, hurried %v, %+v: found %v, want %v", size, limit, hurried, search, got, want)
					}
				}
			}
		}
	}
}

func pages(t *testing.T, b *browser, s lake.Search) (out []string) {
	t.Helper()
	for range 200 {
		p, err := b.find(context.Background(), s)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range p.sessions {
			out = append(out, x.Session)
		}
		if (p.next == nil) != p.searched.Whole {
			t.Fatalf("next %v, searched %+v", p.next, p.searched)
		}
		if p.next == nil {
			return out
		}
		s.After = p.next
	}
	t.Fatal("it does not end")
	return nil
}
