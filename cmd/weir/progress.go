package main

import (
	"io"
	"strconv"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// A progress shows how far long work is, on a terminal; elsewhere it is
// silent.
type progress struct {
	bars *mpb.Progress
	bar  *mpb.Bar
	rows int64
}

// newProgress starts one over a total given later; unit is what the total
// counts: B for bytes, or rows.
func newProgress(w io.Writer, what, unit string) *progress {
	p := &progress{}
	if !isTerminal(w) {
		return p
	}
	p.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(40))
	speed := decor.AverageSpeed(decor.SizeB1024(0), "% .1f", decor.WC{W: 12})
	if unit != "B" {
		speed = decor.AverageSpeed(0, "%.0f "+unit+"/s", decor.WC{W: 18})
	}
	p.bar = p.bars.AddBar(0,
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(what), decor.Any(func(decor.Statistics) string { return " " + grouped(p.rows) + " rows" })),
		mpb.AppendDecorators(decor.Percentage(decor.WC{W: 6}), speed, decor.Name("  "), decor.AverageETA(decor.ET_STYLE_GO), decor.Name(" left")),
	)
	return p
}

// set says how much of how much is done, and how many rows that were.
func (p *progress) set(current, total, rows int64) {
	if p.bar == nil {
		return
	}
	p.rows = rows
	p.bar.SetTotal(total, false)
	p.bar.SetCurrent(current)
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar == nil {
		return
	}
	p.bar.Abort(true)
	p.bars.Wait()
}

// grouped writes a count with commas between thousands.
func grouped(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return grouped(n/1000) + "," + strconv.FormatInt(1000+n%1000, 10)[1:]
}
