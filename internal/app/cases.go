package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"weir/collector/parquet"
	"weir/internal/privacy"
	"weir/judge/replay"
	"weir/rollout/spec"
	"weir/trace"
)

// A CaseJob says which cases are put to which versions.
type CaseJob struct {
	Lake, State string // folders; an empty state is _state in the lake
	Cases       []replay.Case
	Options     replay.Options
}

// ReplayVersions gives both versions of the spec as a replay asks them. Request,
// where set, takes the place of the protocol's own.
func ReplayVersions(r *spec.Release, request *replay.Request, streamed bool) ([]replay.Version, error) {
	var out []replay.Version
	var faults []error
	for _, name := range []string{r.Stable, r.Candidate} {
		v, ok := r.Versions[name]
		if !ok {
			faults = append(faults, fmt.Errorf("versions.%s is missing: replay needs to know where each version is", name))
			continue
		}
		version, err := replayVersion(r, name, v, request, streamed)
		faults = append(faults, err)
		out = append(out, version)
	}
	return out, errors.Join(faults...)
}

func replayVersion(r *spec.Release, name string, v spec.Version, request *replay.Request, streamed bool) (replay.Version, error) {
	out := replay.Version{
		Name: name, Headers: map[string]string{},
		Connect: v.Timeout.Connect, FirstByte: v.Timeout.FirstByte, Total: v.Timeout.Total, InFlight: v.MaxInFlight,
		Texts: float64(v.Capture.Content), Metadata: v.Capture.Metadata, Price: price(r.Prices),
	}
	var err error
	if out.Upstream, err = r.ExpandEnv(v.Upstream, os.LookupEnv); err != nil {
		return out, err
	}
	if _, err = spec.ParseUpstream(out.Upstream); err != nil {
		return out, fmt.Errorf("versions.%s.upstream %w: write one such as http://127.0.0.1:9001", name, err)
	}
	for header, text := range v.SetHeaders {
		if out.Headers[header], err = r.ExpandEnv(text, os.LookupEnv); err != nil {
			return out, err
		}
	}
	if request != nil {
		out.Request = *request
		return out, nil
	}
	if out.Request, err = replay.RequestFor(v.Protocol.String(), streamed); err != nil {
		return out, fmt.Errorf("versions.%s: %w", name, err)
	}
	return out, nil
}

// price gives what tokens of a model cost; nil for a model without a price.
func price(prices map[string]spec.Price) func(model string, input, cached, output int64) *float64 {
	return func(model string, input, cached, output int64) *float64 {
		p, ok := prices[model]
		if !ok {
			return nil
		}
		cost := (float64(input-cached)*p.Input + float64(cached)*p.Cached + float64(output)*p.Output) / p.Per
		return &cost
	}
}

// Private makes a replay keep of people what live traffic keeps: texts without what
// the spec takes out, and, of cases that come from elsewhere than the lake, hashes of
// users' ids.
func Private(o *replay.Options, p spec.Privacy, fromLake bool) error {
	kinds := make([]string, len(p.Redact))
	for i, k := range p.Redact {
		kinds[i] = k.String()
	}
	redactor, err := privacy.NewRedactor(kinds...)
	if err != nil {
		return err
	}
	o.Redact = redactor.Text
	if !p.HashIDs || fromLake {
		return nil
	}
	hasher, err := privacy.ReadKey(p.KeyFile)
	if err != nil {
		return fmt.Errorf("privacy.key_file: %w", err)
	}
	o.Hash = hasher.ID
	return nil
}

// RunCases puts the cases to both versions and publishes what came of it, all
// of it at once. What an earlier, interrupted command did is taken over. A run that
// was interrupted leaves the lake as it was, and its finished runs in the state.
func RunCases(ctx context.Context, j CaseJob) (replay.Summary, error) {
	o := j.Options
	if o.Now == nil {
		o.Now = func() time.Time { return time.Now().UTC() }
	}
	state := j.State
	if state == "" {
		state = filepath.Join(j.Lake, "_state")
	}
	l, err := parquet.Open(j.Lake)
	if err != nil {
		return replay.Summary{}, err
	}
	journal, err := replay.OpenJournal(filepath.Join(state, "replay", o.App, o.Release+".jsonl"))
	if err != nil {
		return replay.Summary{}, err
	}
	defer journal.Close()
	if err := noteKept(ctx, l, o, journal); err != nil {
		return replay.Summary{}, err
	}
	done, err := replay.Execute(ctx, j.Cases, o, journal)
	summary := replay.Summarize(o, j.Cases, journal.Runs(), done)
	if err != nil {
		return summary, err
	}
	return summary, errors.Join(publishRuns(l, journal), journal.Discard())
}

// noteKept tells the journal which runs of the release the lake has already.
func noteKept(ctx context.Context, l *parquet.Lake, o replay.Options, j *replay.Journal) error {
	_, err := collect(ctx, l, o.App, func(e *trace.Exchange) error {
		if e.Release == o.Release && e.CaseID != "" && e.Trial != nil {
			j.Note(e.CaseID, e.AssignedVersion, *e.Trial, e.SessionID)
		}
		return nil
	})
	return err
}

// publishRuns brings the journal's rows into the lake, under the journal's name: once, though
// it be tried again.
func publishRuns(l *parquet.Lake, j *replay.Journal) error {
	if len(j.Runs()) == 0 {
		return nil
	}
	err := l.Write(j.Batch(), rowsOf(j.Runs()))
	if errors.Is(err, parquet.ErrCompacted) {
		return nil // published before the process died, and compacted since
	}
	return err
}

func rowsOf(runs []replay.Run) *parquet.Rows {
	rows := &parquet.Rows{}
	for _, r := range runs {
		rows.Exchanges = append(rows.Exchanges, r.Requests...)
		rows.Outcomes = append(rows.Outcomes, r.Outcomes...)
		dates := map[string]string{}
		for _, e := range r.Requests {
			dates[e.TraceID] = trace.Date(e.StartedAt)
		}
		for _, c := range r.Contents {
			rows.Contents = append(rows.Contents, parquet.DatedContent{Date: dates[c.TraceID], Content: c})
		}
	}
	return rows
}
