package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"weir/internal/control"
)

// jobsTable shows how jobs went and when they come next; a failure has a line of
// its own below.
func jobsTable(w io.Writer, jobs []control.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w)
	fmt.Fprintln(table, "  job\tschedule\tlast\ttook\tnext")
	for _, j := range jobs {
		fmt.Fprintf(table, "%s %s\t%s\t%s\t%s\t%s\n", jobMark(j), j.Name, scheduleOf(j), jobLast(j), jobTime(j), jobNextAt(j))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, j := range jobs {
		if j.Last == nil || j.Last.Error == "" {
			continue
		}
		times := ""
		if j.Failures > 1 {
			times = fmt.Sprintf(", %d times in a row", j.Failures)
		}
		if _, err := fmt.Fprintf(w, "%s %s failed%s: %s\n", jobMark(j), j.Name, times, lineOf(j.Last.Error)); err != nil {
			return err
		}
	}
	return nil
}

// jobMark is ● well, ▼ failed, ○ open.
func jobMark(j control.Job) string {
	switch {
	case j.Last == nil:
		return "○"
	case j.Last.Outcome == "ok":
		return "●"
	case j.Last.Error != "":
		return "▼"
	}
	return "○"
}

// scheduleOf names the zone where it is not the usual one.
func scheduleOf(j control.Job) string {
	if j.Schedule == "" {
		return "by hand"
	}
	if j.Timezone == "UTC" || strings.HasPrefix(j.Schedule, "@every") {
		return j.Schedule
	}
	return j.Schedule + " " + j.Timezone
}

func jobLast(j control.Job) string {
	switch {
	case j.Last == nil:
		return "never"
	case j.Last.EndedAt == nil:
		return j.Last.Outcome + ", begun " + clockTime(*j.Last.BeganAt)
	}
	return j.Last.Outcome + ", " + clockTime(*j.Last.EndedAt)
}

func jobTime(j control.Job) string {
	if j.Last == nil || j.Last.Seconds == nil {
		return "–"
	}
	d := time.Duration(*j.Last.Seconds * float64(time.Second))
	if d < 10*time.Second {
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

func jobNextAt(j control.Job) string {
	switch {
	case j.State == "running":
		return "runs since " + clockTime(*j.Since)
	case j.State == "elsewhere":
		return "runs elsewhere since " + clockTime(*j.Since)
	case j.State == "unattended":
		return "nobody does it"
	case j.NextAt == nil:
		return "–"
	}
	return clockTime(*j.NextAt)
}

// lineOf is the first line of a text, shortened.
func lineOf(s string) string {
	const longest = 300
	line, _, _ := strings.Cut(s, "\n")
	if r := []rune(line); len(r) > longest {
		line = string(r[:longest]) + "…"
	}
	return line
}
