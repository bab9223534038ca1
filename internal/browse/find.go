package browse

import (
	"context"
	"slices"
	"time"

	"weir/analyze/lake"
	"weir/collector/parquet"
	"weir/trace"
)

// A found is a page, and how far back was looked for it.
type found struct {
	sessions []lake.Session
	next     *lake.Place
	searched searched
}

// A searched says what a page was found in.
type searched struct {
	Requests int64      `json:"requests"` // that were looked through, for this page and those before, about
	Of       int64      `json:"of"`       // that might be
	Since    *time.Time `json:"since"`    // nothing before was looked at; null: all was, or requests without a time are left
	Whole    bool       `json:"whole"`    // nothing is left
}

// find looks through the requests from the latest on, window by window, until a page
// is full, nothing is left or its time is up.
func (b *browser) find(ctx context.Context, s lake.Search) (found, error) {
	end := b.Now().Add(b.Patience)
	l, err := b.open(ctx, s.From, s.To)
	if err != nil {
		return found{}, err
	}
	defer l.Close()
	all := windows(l.files["traces"], s.From, s.To, s.Text != "", b.size)
	left := all
	if s.After != nil {
		left = after(all, *s.After)
	}
	out := found{sessions: []lake.Session{}}
	for i, w := range all {
		out.searched.Of += w.rows
		if i < len(all)-len(left) {
			out.searched.Requests += w.rows
		}
	}
	var places []lake.Place
	out.searched.Whole = true
	for i, w := range left {
		more, err := b.look(ctx, l, s, w, s.Limit+1-len(places), places)
		if err != nil {
			return found{}, err
		}
		places = append(places, more...)
		out.searched.Requests += w.rows
		full, last := len(places) > s.Limit, i == len(left)-1
		switch {
		case full:
			places = places[:s.Limit]
			out.next = &places[s.Limit-1]
		case last || b.Now().Before(end):
			continue
		case left[i+1].untimed:
			out.next = &lake.Place{Last: undated}
		default:
			out.next = &lake.Place{Last: w.from}
		}
		out.searched.Whole = false
		if !w.from.IsZero() {
			out.searched.Since = &w.from
		}
		break
	}
	lines, err := b.lines(ctx, l, places)
	for _, x := range lines {
		out.sessions = append(out.sessions, x.Session)
	}
	return out, err
}

// look finds what a window adds: sessions that meet the search in it, and neither in
// what was looked through before, nor, for a page after the first, in what is later.
func (b *browser) look(ctx context.Context, l *shelf, s lake.Search, w window, n int, before []lake.Place) ([]lake.Place, error) {
	wanted := s
	if wanted.Untimed = w.untimed; w.untimed {
		wanted.From, wanted.To = time.Time{}, time.Time{}
	} else {
		wanted.From, wanted.To = latest(s.From, w.from), w.to
	}
	since := w.to
	if w.untimed {
		since = undated
	}
	var out []lake.Place
	for {
		// Some of what is found may have been seen: more is asked for until enough is new.
		wanted.Limit = n - len(out) + len(before)
		traces := w.files
		if s.Outcome != "" {
			traces = l.files["traces"] // an outcome may be of any request of a session
		}
		if err := l.show(ctx, traces); err != nil {
			return nil, err
		}
		list, err := l.Matching(ctx, wanted)
		if err != nil {
			return nil, err
		}
		seen, err := b.seenLater(ctx, l, s, since, list)
		if err != nil {
			return nil, err
		}
		for _, p := range before {
			seen[p.Session] = true
		}
		for _, p := range list {
			if !seen[p.Session] {
				out = append(out, p)
			}
		}
		if len(out) >= n {
			return out[:n], nil
		}
		if len(list) < wanted.Limit {
			return out, nil
		}
		wanted.After = &list[len(list)-1]
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// seenLater tells which of the sessions found before a time meet the search since then
// too: they were on an earlier page.
func (b *browser) seenLater(ctx context.Context, l *shelf, s lake.Search, since time.Time, list []lake.Place) (map[string]bool, error) {
	out := map[string]bool{}
	if s.After == nil || since.IsZero() || len(list) == 0 {
		return out, nil
	}
	again := s
	again.From, again.After, again.Limit = since, nil, len(list)
	for _, p := range list {
		again.Only = append(again.Only, p.Session)
	}
	rest := window{from: since}
	rest.add(l.files["traces"])
	if err := l.show(ctx, rest.files); err != nil {
		return nil, err
	}
	again.Text = "" // few go on past the time: what they said is looked for on their days alone
	places, err := l.Matching(ctx, again)
	if err != nil || len(places) == 0 || s.Text == "" {
		for _, p := range places {
			out[p.Session] = true
		}
		return out, err
	}
	again.Only, again.Text = nil, s.Text
	for _, p := range places {
		again.Only = append(again.Only, p.Session)
	}
	if _, err := b.shelve(ctx, l, again.Only); err != nil {
		return nil, err
	}
	places, err = l.Matching(ctx, again)
	for _, p := range places {
		out[p.Session] = true
	}
	return out, err
}

// lines gives the sessions of a page with what is shown of them.
func (b *browser) lines(ctx context.Context, l *shelf, places []lake.Place) ([]lake.Line, error) {
	if len(places) == 0 {
		return nil, nil
	}
	var sessions []string
	for _, p := range places {
		sessions = append(sessions, p.Session)
	}
	days, err := b.shelve(ctx, l, sessions)
	if err != nil {
		return nil, err
	}
	lines, err := l.Figures(ctx, b.App, sessions, days)
	if err != nil {
		return nil, err
	}
	return lines, l.Furnish(ctx, b.App, lines)
}

// shelve finds the days of sessions, and shows those alone, and what was said of them
// since.
func (b *browser) shelve(ctx context.Context, l *shelf, sessions []string) (lake.Days, error) {
	if err := l.Show(ctx, lake.Files{"traces": l.paths(l.files["traces"])}); err != nil {
		return lake.Days{}, err
	}
	days, err := l.Days(ctx, b.App, sessions)
	if err != nil || len(days.Dates) == 0 {
		return days, err
	}
	var files []parquet.File
	folders := map[string]bool{}
	for _, f := range l.files["traces"] {
		if slices.Contains(days.Dates, f.Date) {
			files, folders[f.Date] = append(files, f), true
		}
	}
	if len(folders) < len(days.Dates) { // rows of another writer that say another date than their folder
		files = l.files["traces"]
	}
	if err := l.show(ctx, files); err != nil {
		return days, err
	}
	since := lake.Files{}
	for _, table := range []string{"outcomes", "judgments"} {
		var kept []parquet.File
		for _, f := range l.files[table] {
			if first := days.Dates[0]; first == trace.UnknownDate || f.Date >= first { // a date that is unknown is greater than all
				kept = append(kept, f)
			}
		}
		since[table] = l.paths(kept)
	}
	return days, l.Show(ctx, since)
}
