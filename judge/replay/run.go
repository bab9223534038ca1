package replay

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"weir/trace"
)

// A Run is one conversation: a case put to a version for the n-th time. It is
// what is done once and never again within a release.
type Run struct {
	Key      string // of app, release, case, version and trial; also the session's id
	CaseID   string
	Version  string
	Trial    int64 // from 1
	Requests []trace.Exchange
	Contents []trace.Content
	Outcomes []trace.Outcome
}

// Failed reports whether the conversation broke off.
func (r Run) Failed() bool {
	return len(r.Requests) > 0 && r.Requests[len(r.Requests)-1].ErrorType != ""
}

// hashed is the SHA-256 of the parts, each after its length.
func hashed(parts ...string) [32]byte {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return [32]byte(h.Sum(nil))
}

// key names a run by its content. It does not show the version: who judges or labels the
// conversation stays blind.
func key(app, release string, c Case, version string, trial int64) string {
	sum := hashed("replay", app, release, c.Hash(), version, fmt.Sprint(trial))
	return "replay-" + hex.EncodeToString(sum[:12])
}

// converse holds one conversation. An error is a fault of the request, or the
// end of ctx: then nothing of the conversation counts.
func (o Options) converse(ctx context.Context, j job, c caller) (Run, error) {
	run := Run{Key: j.key, CaseID: j.c.ID, Version: j.version, Trial: j.trial}
	values := o.values(j)
	var messages []any
	checks := tally{}
	assigned := o.Now()
	answered := true
	for i, turn := range j.c.Turns {
		if !answered {
			checks.take(turn.Expect, "", false)
			continue
		}
		messages = append(messages, map[string]any{"role": "user", "content": turn.Input})
		values["input"], values["messages"], values["turn"] = turn.Input, messages, i+1
		sum := hashed(j.key, fmt.Sprint(i+1))
		traceID := hex.EncodeToString(sum[:16])
		got, err := c.call(ctx, values, traceID)
		if err != nil {
			return run, err
		}
		if ctx.Err() != nil {
			return run, ctx.Err()
		}
		answer := got.reply.answer.String()
		answered = got.reply.failure == ""
		checks.take(turn.Expect, answer, answered)
		messages = append(messages, map[string]any{"role": "assistant", "content": answer})
		if got.reply.conversation != "" {
			values["conversation"] = got.reply.conversation
		}
		run.Requests = append(run.Requests, o.exchange(j, c.version, got, traceID, int64(i+1), assigned))
		if kept(c.version.Texts, j.key) {
			content := trace.Content{
				TraceID: traceID, App: o.App, Input: turn.Input, Output: answer,
				ToolCalls: got.reply.toolCalls, Retrieval: got.reply.passages,
			}
			if o.Redact != nil {
				content = content.Redacted(o.Redact)
			}
			run.Contents = append(run.Contents, content)
		}
	}
	run.Outcomes = o.outcomes(j.key, checks)
	return run, nil
}

// values are what a request may refer to.
func (o Options) values(j job) map[string]any {
	values := map[string]any{"model": j.version}
	for name, value := range o.Set {
		values[name] = value
	}
	user := j.c.User
	if user == "" {
		user = j.c.ID
	}
	inputs := map[string]any{}
	maps.Copy(inputs, j.c.Inputs)
	values["session"], values["user"], values["conversation"], values["inputs"] = j.key, user, "", inputs
	return values
}

// user is the id that rows carry.
func (o Options) user(c Case) string {
	if o.Hash == nil {
		return c.User
	}
	return o.Hash(c.User)
}

// exchange is the row of one call.
func (o Options) exchange(j job, v Version, c call, traceID string, turn int64, assigned time.Time) trace.Exchange {
	latency := float64(c.ended.Sub(c.started)) / float64(time.Millisecond)
	streamed := v.Request.stream != nil
	e := trace.Exchange{
		TraceID: traceID, App: o.App, Release: o.Release, SessionID: j.key, UserID: o.user(j.c), Turn: &turn,
		AssignedVersion: j.version, ServedVersion: j.version, AssignedAt: assigned,
		StartedAt: c.started, LatencyMS: &latency, UpstreamMS: &latency,
		Status: c.status, ErrorType: c.reply.failure, Streamed: &streamed, Truncated: &c.reply.truncated,
		UsageSource: trace.UsageUnknown, Language: j.c.Language, Attributes: j.c.Attributes,
		CaseID: j.c.ID, Trial: &j.trial,
	}
	if !c.reply.first.IsZero() {
		ttft := float64(c.reply.first.Sub(c.started)) / float64(time.Millisecond)
		e.TTFTMS = &ttft
	}
	if !v.Metadata {
		return e
	}
	e.Model, e.InputTokens, e.OutputTokens, e.CachedTokens, e.CostUSD = c.reply.model, c.reply.input, c.reply.output, c.reply.cached, c.reply.cost
	if e.InputTokens != nil && e.OutputTokens != nil {
		e.UsageSource = trace.UsageReported
		if e.CostUSD == nil && v.Price != nil {
			cached := int64(0)
			if e.CachedTokens != nil {
				cached = *e.CachedTokens
			}
			e.CostUSD = v.Price(e.Model, *e.InputTokens, cached, *e.OutputTokens)
		}
	}
	return e
}

// outcomes are the rows of what the checks found, in order of their names.
func (o Options) outcomes(session string, checks tally) []trace.Outcome {
	var out []trace.Outcome
	at := o.Now()
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		value := 0.0
		if checks[name] {
			value = 1
		}
		out = append(out, trace.Outcome{
			OutcomeID: session + "-" + name, App: o.App, SessionID: session, Name: name, Value: value,
			Source: "replay", OccurredAt: at, ReceivedAt: at,
		})
	}
	return out
}

// kept draws by hash the runs whose texts are kept.
func kept(share float64, session string) bool {
	sum := hashed("replay/texts", session)
	return float64(binary.BigEndian.Uint64(sum[:8])>>11)/(1<<53) < share
}
