package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/control/client"
	"weir/router"
)

func newDrill() *cobra.Command {
	cmd := &cobra.Command{
		Use: "drill", Short: "try on your own set-up what must not fail", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newDrillRollback())
	return cmd
}

// A rollbackDrill is what to ask, and how often.
type rollbackDrill struct {
	steerFlags
	target, method, path, body string
	headers                    []string
	workers                    int
	span                       time.Duration
}

func newDrillRollback() *cobra.Command {
	var d rollbackDrill
	cmd := &cobra.Command{
		Use: "rollback --target URL", Short: "measure how fast a rollback takes effect",
		Long: `Send marked requests through the router to the candidate, roll them back, and measure:
how long until the first is served by stable, and how many that began after the
rollback was acknowledged still reached the candidate, which must be none (else the
status is 1).

What it does to your traffic: nothing. Only requests with the drill's own header are
forced to the candidate and rolled back, by the path that a rollback takes: ledger,
plan, next request. The versions get those requests, so choose one that is harmless.
Their rows say rule drill and are in no test; the share and the release stay as they
are. The history has a line each for begin, rollback and end.

A {n} in a header or in the body is the number of the worker: give each a session of
its own, and what is measured is conversations under way that are moved.`,
		Example: `  weir drill rollback --target http://127.0.0.1:8080 --path /chat --body '{"message":"ping"}' --header 'X-Session-Id: drill-{n}'`,
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return d.run(cmd) },
	}
	d.add(cmd, false)
	flags := cmd.Flags()
	flags.StringVar(&d.target, "target", "http://127.0.0.1:8080", "URL of the traffic")
	flags.StringVar(&d.method, "method", "POST", "of the requests")
	flags.StringVar(&d.path, "path", "/", "of the requests")
	flags.StringVar(&d.body, "body", "{}", "of the requests")
	flags.StringArrayVar(&d.headers, "header", nil, "of the requests: Name: value")
	flags.IntVar(&d.workers, "workers", 8, "requests at a time")
	flags.DurationVar(&d.span, "span", 2*time.Second, "how long requests go on before, and after, the rollback")
	return cmd
}

// A drilled is one request of a drill.
type drilled struct {
	begun, ended time.Time
	version      string // empty: there was no answer, or one that names none
	said         string // what was wrong then
}

// A drillResult is what a drill has measured.
type drillResult struct {
	Before       int     `json:"before"`         // served by the candidate before the rollback was asked for
	UnderWay     int     `json:"under_way"`      // begun before it was acknowledged, and served by the candidate
	After        int     `json:"after"`          // begun after it was acknowledged
	Leaked       int     `json:"leaked"`         // of those, served by the candidate: must be 0
	Failed       int     `json:"failed"`         // without an answer that names a version
	AcknowledgeS float64 `json:"acknowledged_s"` // from asking to the acknowledgement
	// FirstStableS is from the acknowledgement to the first answer by stable; negative:
	// before it; null: stable gave none.
	FirstStableS *float64 `json:"first_stable_s"`
	Candidate    string   `json:"candidate"`
	Stable       string   `json:"stable"`
}

func (d *rollbackDrill) run(cmd *cobra.Command) error {
	c, err := d.client()
	if err != nil {
		return err
	}
	if d.workers < 1 || d.workers > 256 || d.span <= 0 {
		return usage("--workers %d, --span %v: between 1 and 256, and above 0", d.workers, d.span)
	}
	result, err := d.measure(cmd.Context(), c, strings.ToLower(rand.Text()))
	if err != nil {
		return err
	}
	if d.format == "json" {
		err = writeJSON(cmd.OutOrStdout(), result)
	} else {
		err = result.table(cmd.OutOrStdout())
	}
	switch {
	case err != nil:
		return err
	case result.After == 0:
		return fmt.Errorf("of the requests that began after the rollback was acknowledged none was answered within %s, so whether it holds is not known; let --span be longer", d.span)
	case result.Leaked > 0:
		return fmt.Errorf("%d requests that began after the rollback was acknowledged were served by %s", result.Leaked, result.Candidate)
	}
	return nil
}

// measure runs the drill, and ends it whatever happens.
func (d *rollbackDrill) measure(ctx context.Context, c client.Client, mark string) (r drillResult, err error) {
	begun, err := c.Drill(ctx, "begin", mark)
	if err != nil {
		return r, err
	}
	r.Candidate, r.Stable = begun.Version, begun.Stable
	defer func() {
		_, ended := c.Drill(context.WithoutCancel(ctx), "end", mark)
		err = errors.Join(err, ended)
	}()
	asking, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	var all []drilled
	var workers sync.WaitGroup
	for n := range d.workers {
		workers.Go(func() {
			for asking.Err() == nil {
				x := d.ask(asking, mark, n)
				if asking.Err() != nil && x.version == "" {
					return // the drill is over
				}
				mu.Lock()
				all = append(all, x)
				mu.Unlock()
			}
		})
	}
	pause := func() {
		select {
		case <-ctx.Done():
		case <-time.After(d.span):
		}
	}
	pause()
	mu.Lock()
	reached := slices.ContainsFunc(all, func(x drilled) bool { return x.version == r.Candidate })
	mu.Unlock()
	if !reached && ctx.Err() == nil { // there is nothing to roll back
		stop()
		workers.Wait()
		return r, d.fruitless(r, all)
	}
	asked := time.Now()
	_, err = c.Drill(ctx, "rollback", mark)
	acknowledged := time.Now()
	if err == nil {
		pause()
	}
	stop()
	workers.Wait()
	if err = errors.Join(err, ctx.Err()); err != nil {
		return r, err
	}
	r.count(all, asked, acknowledged)
	return r, nil
}

// fruitless says why no request reached the candidate.
func (d *rollbackDrill) fruitless(r drillResult, all []drilled) error {
	for _, x := range all {
		if x.said != "" {
			return fmt.Errorf("no request reached %s before the rollback: %s %s%s: %s", r.Candidate, d.method, strings.TrimSuffix(d.target, "/"), d.path, x.said)
		}
	}
	return fmt.Errorf("no request reached %s before the rollback: of %d none was answered within %s; let --span be longer", r.Candidate, len(all), d.span)
}

// unreached is why there was no answer, without the URL, which is said beside it.
func unreached(err error) error {
	var in *url.Error
	if errors.As(err, &in) {
		return in.Err
	}
	return err
}

// count sorts the requests by when they began.
func (r *drillResult) count(all []drilled, asked, acknowledged time.Time) {
	r.AcknowledgeS = acknowledged.Sub(asked).Seconds()
	slices.SortFunc(all, func(a, b drilled) int { return a.ended.Compare(b.ended) })
	for _, x := range all {
		after := x.begun.After(acknowledged)
		switch {
		case x.version == "":
			r.Failed++
		case x.version == r.Stable && x.ended.After(asked) && r.FirstStableS == nil:
			r.FirstStableS = new(x.ended.Sub(acknowledged).Seconds())
		}
		switch {
		case x.version == r.Candidate && x.ended.Before(asked):
			r.Before++
		case x.version == r.Candidate && after:
			r.Leaked++
		case x.version == r.Candidate:
			r.UnderWay++
		}
		if after && x.version != "" {
			r.After++
		}
	}
}

// ask sends one request.
func (d *rollbackDrill) ask(ctx context.Context, mark string, worker int) drilled {
	own := func(s string) string { return strings.ReplaceAll(s, "{n}", fmt.Sprintf("%s-%d", mark[:8], worker)) }
	x := drilled{begun: time.Now()}
	request, err := http.NewRequestWithContext(ctx, d.method, strings.TrimSuffix(d.target, "/")+d.path, strings.NewReader(own(d.body)))
	if err != nil {
		x.ended, x.said = time.Now(), err.Error()
		return x
	}
	request.Header.Set("Content-Type", "application/json")
	for _, h := range d.headers {
		name, value, _ := strings.Cut(h, ":")
		request.Header.Set(strings.TrimSpace(name), own(strings.TrimSpace(value)))
	}
	request.Header.Set(router.DrillHeader, mark)
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		x.version = response.Header.Get("X-Weir-Version")
		if x.version == "" {
			x.said = fmt.Sprintf("it answers %d, without X-Weir-Version: is that the traffic's address, and does the spec have response_header?", response.StatusCode)
		}
		io.Copy(io.Discard, response.Body)
		response.Body.Close()
	} else if ctx.Err() == nil {
		x.said = unreached(err).Error()
		time.Sleep(50 * time.Millisecond) // whoever does not answer is not to be flooded
	}
	x.ended = time.Now()
	return x
}

func (r drillResult) table(w io.Writer) error {
	mark, first := "●", "no answer"
	if r.Leaked > 0 || r.After == 0 {
		mark = "▼"
	}
	if r.FirstStableS != nil {
		first = fmt.Sprintf("%+.1f ms from the acknowledgement", 1000**r.FirstStableS)
	}
	_, err := fmt.Fprintf(w, `  before the rollback   %d requests served by %s
  acknowledged after    %.1f ms: it is on the disk and in force
  first by %-12s %s
  under way by then     %d requests, ended where they were: %s
%s begun after it        %d requests, of them served by %s: %d
`, r.Before, r.Candidate, 1000*r.AcknowledgeS, r.Stable, first, r.UnderWay, r.Candidate, mark, r.After, r.Candidate, r.Leaked)
	return err
}
