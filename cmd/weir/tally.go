package main

import (
	"fmt"
	"io"
	"time"

	"weir/internal/app/judging"
	"weir/judge"
)

// A tally shows on a terminal how far judging is, what it has cost, and how long
// it will take; elsewhere it is silent.
type tally struct {
	w     io.Writer
	shown time.Time
}

func newTally(w io.Writer) *tally {
	t := &tally{}
	if isTerminal(w) {
		t.w = w
	}
	return t
}

// set shows a progress, some times a second.
func (t *tally) set(rubric string, p judge.Progress) {
	if t.w == nil || time.Since(t.shown) < 100*time.Millisecond {
		return
	}
	t.shown = time.Now()
	left := ""
	if p.Left > 0 {
		left = ", " + p.Left.Round(time.Second).String() + " left"
	}
	fmt.Fprintf(t.w, "\r\x1b[Kjudging %s  %d of %d  %d calls  %s%s", rubric, p.Done, p.Total, p.Spent.Calls, judging.Dollars(p.Spent.USD), left)
}

// done takes the line away.
func (t *tally) done() {
	if t.w != nil {
		fmt.Fprint(t.w, "\r\x1b[K")
	}
}
