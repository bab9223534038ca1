package browse

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"weir/analyze/lake"
)

// A page has so many sessions unless told otherwise, and at most maxPage.
const (
	defaultPage = 50
	maxPage     = 200
	maxText     = 500 // bytes of a value that is asked for
)

// list gives a page of sessions.
func (b *browser) list(ctx context.Context, r *http.Request) (any, error) {
	s, err := b.searchOf(r.URL.Query())
	if err != nil {
		return nil, err
	}
	p, err := b.find(ctx, s)
	if err != nil {
		return nil, err
	}
	return map[string]any{"dialogues": p.sessions, "next": cursor(p.next), "searched": p.searched}, nil
}

// parameters are those that a list may be asked with.
var parameters = map[string]bool{
	"release": true, "version": true, "session": true, "user": true, "case": true, "attribute": true, "intent": true, "from": true, "to": true,
	"failed": true, "error": true, "text": true, "criterion": true, "score": true, "outcome": true, "value": true, "limit": true, "after": true,
}

// searchOf reads what is asked for.
func (b *browser) searchOf(q url.Values) (lake.Search, error) {
	for name, values := range q {
		switch {
		case !parameters[name]:
			return lake.Search{}, bad("there is no parameter %q", name)
		case len(values) != 1 || len(values[0]) > maxText:
			return lake.Search{}, bad("%s: one value of at most %d bytes is taken", name, maxText)
		}
	}
	s := lake.Search{
		App: b.App, Release: q.Get("release"), Version: q.Get("version"), Session: q.Get("session"), User: q.Get("user"), Case: q.Get("case"),
		Error: q.Get("error"), Failed: q.Get("failed") == "true", Text: q.Get("text"), Criterion: q.Get("criterion"), Outcome: q.Get("outcome"),
		Limit: defaultPage,
	}
	if a := q.Get("attribute"); a != "" {
		name, value, ok := strings.Cut(a, ":")
		if !ok {
			return s, bad("attribute %q: write name:value", a)
		}
		s.Attribute, s.AttributeValue = name, value
	}
	if intent := q.Get("intent"); intent != "" {
		s.Attribute, s.AttributeValue = "intent", intent
	}
	var err error
	if s.From, s.To, err = windowOf(q); err != nil {
		return s, err
	}
	if !s.To.IsZero() && s.To.Equal(s.From) {
		return s, bad("from and to are both %q, and what is at to is not looked for: write a later to, such as the next day", q.Get("to"))
	}
	if s.ScoreFrom, s.ScoreTo, err = rangeOf(q, "score"); err != nil {
		return s, err
	}
	if s.OutcomeFrom, s.OutcomeTo, err = rangeOf(q, "value"); err != nil {
		return s, err
	}
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return s, bad("limit %q: write a number from 1 to %d", text, maxPage)
		}
		s.Limit = n
	}
	if text := q.Get("after"); text != "" {
		if s.After, err = placeOf(text); err != nil {
			return s, bad("after: take it from the page before, as it stands")
		}
	}
	return s, nil
}

func bad(format string, args ...any) error {
	return fail(http.StatusBadRequest, "bad_value", format, args...)
}

// windowOf reads from when, and till before when; either may be left out.
func windowOf(q url.Values) (from, to time.Time, err error) {
	if from, err = timeOf(q, "from"); err != nil {
		return from, to, err
	}
	if to, err = timeOf(q, "to"); err != nil {
		return from, to, err
	}
	if !to.IsZero() && to.Before(from) {
		return from, to, bad("from %q is later than to %q: write the earlier time as from, or leave one out", q.Get("from"), q.Get("to"))
	}
	return from, to, nil
}

// timeOf reads a time or a day.
func timeOf(q url.Values, name string) (time.Time, error) {
	text := q.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, bad("%s %q: write a time as 2026-11-23T14:00:00Z, or a day", name, text)
}

// rangeOf reads two numbers with two dots between; either may be left out.
func rangeOf(q url.Values, name string) (from, to float64, err error) {
	from, to = math.Inf(-1), math.Inf(1)
	text := q.Get(name)
	if text == "" {
		return from, to, nil
	}
	low, high, two := strings.Cut(text, "..")
	if !two {
		high = low
	}
	for _, end := range []struct {
		text string
		into *float64
	}{{low, &from}, {high, &to}} {
		if end.text == "" {
			continue
		}
		if *end.into, err = strconv.ParseFloat(end.text, 64); err != nil || math.IsNaN(*end.into) {
			return from, to, bad("%s %q: write a range such as 0..0.5", name, text)
		}
	}
	if from > to {
		return from, to, bad("%s %q ends below its beginning: write the lower number first, such as 0..0.5", name, text)
	}
	return from, to, nil
}

// cursor writes a place for the caller to hand back; null where there is none.
func cursor(p *lake.Place) *string {
	if p == nil {
		return nil
	}
	raw, err := json.Marshal([]any{p.Last.UnixMicro(), p.Session})
	if err != nil {
		panic("browse: " + err.Error())
	}
	return new(base64.RawURLEncoding.EncodeToString(raw))
}

func placeOf(text string) (*lake.Place, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	var micros int64
	var session string
	if err := json.Unmarshal(raw, &[]any{&micros, &session}); err != nil {
		return nil, err
	}
	return &lake.Place{Last: time.UnixMicro(micros).UTC(), Session: session}, nil
}

// read gives a session.
func (b *browser) read(ctx context.Context, r *http.Request) (any, error) {
	q := r.URL.Query()
	session := q.Get("session")
	if session == "" || len(session) > 4*maxText {
		return nil, bad("session: name one")
	}
	from, to, err := windowOf(q)
	if err != nil {
		return nil, err
	}
	l, err := b.open(ctx, from, to)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	days, err := b.shelve(ctx, l, []string{session})
	if err != nil {
		return nil, err
	}
	reading, err := l.Read(ctx, b.App, session, r.Header.Get(Caller), days)
	if err != nil {
		return nil, err
	}
	if len(reading.Requests) == 0 {
		return nil, fail(http.StatusNotFound, "unknown_session", "the lake holds no such dialogue")
	}
	if reading.Requests[0].Case != nil {
		if err := l.Show(ctx, lake.Files{"traces": l.paths(l.files["traces"])}); err != nil {
			return nil, err
		}
		err = l.Runs(ctx, b.App, &reading)
	}
	return reading, err
}
