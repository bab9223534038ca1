package browse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"weir/internal/app"
	"weir/judge"
	"weir/judge/label"
	"weir/trace"
)

// A question is a criterion as people see it.
type question struct {
	Name     string  `json:"name"`
	Question string  `json:"question"`
	Levels   []level `json:"levels"`
}

type level struct {
	Value int    `json:"value"`
	Means string `json:"means"`
}

// A form is a rubric as people see it.
type form struct {
	Name      string     `json:"name"`
	About     string     `json:"about"`
	Policy    string     `json:"policy"`
	Language  string     `json:"language"`
	Questions []question `json:"questions"`
}

func formOf(r *judge.Rubric) form {
	f := form{Name: r.Name, About: r.About, Policy: r.Policy, Language: r.Language}
	for _, c := range r.Criteria {
		q := question{c.Name, c.Question, []level{}}
		for _, l := range c.Levels {
			q.Levels = append(q.Levels, level{l.Value, l.Means})
		}
		f.Questions = append(f.Questions, q)
	}
	return f
}

// sets lists the sets drawn for labels, and the rubrics they may be drawn by.
func (b *browser) sets(ctx context.Context, r *http.Request) (any, error) {
	l, err := b.open(ctx, b.Now(), b.Now()) // labels have no need of requests
	if err != nil {
		return nil, err
	}
	defer l.Close()
	sets, err := l.LabelSets(ctx, b.App, r.Header.Get(Caller))
	if err != nil {
		return nil, err
	}
	forms := []form{}
	if _, rubrics, err := b.promised(); err == nil {
		for _, r := range rubrics {
			forms = append(forms, formOf(r))
		}
	}
	return map[string]any{"samples": sets, "rubrics": forms}, nil
}

// draw draws a set as weir export does.
func (b *browser) draw(ctx context.Context, r *http.Request) (any, error) {
	var body struct {
		Rubric string  `json:"rubric"`
		Count  int     `json:"count"`
		Rate   float64 `json:"rate"`
	}
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	switch {
	case body.Rate != 0 && !(body.Rate >= .05 && body.Rate <= 1):
		return nil, bad("rate: from 0.05 to 1; a rarer label would weigh too much")
	case body.Rate == 0 && (body.Count < 1 || body.Count > 5000):
		return nil, bad("count: from 1 to 5000")
	}
	release, rubric, err := b.rubric(body.Rubric)
	if err != nil {
		return nil, err
	}
	e, err := app.ExportLabels(ctx, app.ExportJob{Lake: b.Lake, Spec: release, Rubric: rubric, AsOf: b.Now().UTC(), Rate: body.Rate, Count: body.Count})
	if err != nil {
		return nil, refused(err)
	}
	return map[string]any{
		"set": e.Set.ID, "rubric": rubric.Name, "items": len(e.Set.Items), "candidates": e.Candidates, "judged": e.Judged,
		"rate": e.Rate, "textless": e.Textless,
	}, nil
}

// An item is a dialogue to be labelled: nothing in it tells which version answered
// or what a judge said.
type item struct {
	Item    string             `json:"item"`
	Turns   []turn             `json:"turns"`
	Levels  map[string]*string `json:"levels"` // as the reader answered: a level's number, skip, or null
	Comment string             `json:"comment"`
}

type turn struct {
	User      string   `json:"user"`
	Assistant string   `json:"assistant"`
	Passages  []string `json:"passages"`
}

// set gives a set: for the page, or as a file that weir label reads.
func (b *browser) set(ctx context.Context, r *http.Request) (any, error) {
	name, rubricName, format := r.PathValue("set"), r.URL.Query().Get("rubric"), r.URL.Query().Get("format")
	release, rubric, err := b.rubric(rubricName)
	if err != nil {
		return nil, err
	}
	e, err := app.ExportLabels(ctx, app.ExportJob{Lake: b.Lake, Spec: release, Rubric: rubric, Again: name})
	if err != nil {
		return nil, refused(err)
	}
	file := func(kind, ending string, write func(label.Set) func(http.ResponseWriter) error) written {
		return written{kind, "weir-" + rubric.Name + "-" + e.Set.ID + "." + ending, write(e.Set)}
	}
	switch format {
	case "csv":
		return file("text/csv; charset=utf-8", "csv", func(s label.Set) func(http.ResponseWriter) error {
			return func(w http.ResponseWriter) error { return s.CSV(w) }
		}), nil
	case "jsonl":
		return file("application/x-ndjson", "jsonl", func(s label.Set) func(http.ResponseWriter) error {
			return func(w http.ResponseWriter) error { return s.JSONL(w) }
		}), nil
	case "", "json":
		if e.Set.Mode == judge.Pairwise {
			return nil, bad("set %s is of pairs: weir export --again writes the page that they are labelled on", name)
		}
	default:
		return nil, bad("format: json, csv or jsonl")
	}
	given, err := b.given(ctx, rubric, name, r.Header.Get(Caller))
	if err != nil {
		return nil, err
	}
	items := []item{}
	for _, i := range e.Set.Items {
		x := item{Item: i.ID, Turns: []turn{}, Levels: map[string]*string{}}
		for _, t := range i.Shown[0].Turns {
			x.Turns = append(x.Turns, turn{t.Input, t.Output, append([]string{}, t.Passages...)})
		}
		for _, c := range rubric.Criteria {
			x.Levels[c.Name] = nil
		}
		for criterion, word := range given[i.ID].levels {
			x.Levels[criterion] = &word
		}
		x.Comment = given[i.ID].comment
		items = append(items, x)
	}
	return map[string]any{"set": e.Set.ID, "rubric": formOf(rubric), "items": items, "textless": e.Textless}, nil
}

type answers struct {
	levels  map[string]string
	comment string
}

// given is what the reader has answered of a set before, by item.
func (b *browser) given(ctx context.Context, rubric *judge.Rubric, set, labeler string) (map[string]answers, error) {
	l, err := b.open(ctx, b.Now(), b.Now())
	if err != nil {
		return nil, err
	}
	defer l.Close()
	bySession, err := l.Answers(ctx, b.App, rubric.Name, labeler)
	if err != nil {
		return nil, err
	}
	items, err := l.DrawnItems(ctx, b.App, rubric.Name, set)
	if err != nil {
		return nil, err
	}
	out := map[string]answers{}
	for session, marks := range bySession {
		a := answers{levels: map[string]string{}}
		for _, c := range rubric.Criteria {
			m, ok := marks[rubric.Name+"."+c.Name]
			if !ok || m.Word == nil {
				continue
			}
			a.levels[c.Name] = *m.Word
			if *m.Word == trace.Skipped {
				a.levels[c.Name] = "skip"
			}
			if m.Said != nil {
				a.comment = *m.Said
			}
		}
		out[items[session]] = a
	}
	return out, nil
}

// label takes the labels of one dialogue, as weir label does, in the name of who
// gives them; and says then what was labelled.
func (b *browser) label(ctx context.Context, r *http.Request) (any, error) {
	var body struct {
		Rubric  string            `json:"rubric"`
		Item    string            `json:"item"`
		Session string            `json:"session"` // chosen, instead of an item that was drawn
		Levels  map[string]string `json:"levels"`
		Comment string            `json:"comment"`
	}
	if err := readJSON(r, &body); err != nil {
		return nil, err
	}
	labeler := r.Header.Get(Caller)
	if labeler == "" {
		return nil, fail(http.StatusForbidden, "nobody", "labels have a name: none was given")
	}
	_, rubric, err := b.rubric(body.Rubric)
	if err != nil {
		return nil, err
	}
	if (body.Item == "") == (body.Session == "") {
		return nil, bad("name the item of a set, or the session that you chose: one of them")
	}
	subject := body.Item + body.Session
	line, err := json.Marshal(map[string]any{"item": subject, "labels": body.Levels, "comment": body.Comment, "labeler": labeler})
	if err != nil {
		return nil, err
	}
	job := app.LabelJob{Lake: b.Lake, App: b.App, Rubric: rubric, Labeler: labeler, Now: b.Now().UTC()}
	var report app.LabelReport
	session := body.Session
	if session == "" {
		report, session, err = app.GiveLabels(ctx, job, body.Item, bytes.NewReader(line))
	} else if err = b.there(ctx, session); err == nil {
		report, err = app.PickLabels(ctx, job, session, bytes.NewReader(line))
	}
	var faults label.Faults
	if asFaults(err, &faults) {
		return nil, bad("%s", strings.TrimPrefix(faults.Error(), "the label:1: "))
	}
	if errors.Is(err, app.ErrDrawn) {
		return nil, fail(http.StatusConflict, "drawn", "%v", err)
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"report": report, "session": session}, nil
}

// there fails where the lake holds no such session.
func (b *browser) there(ctx context.Context, session string) error {
	l, err := b.open(ctx, time.Time{}, time.Time{})
	if err != nil {
		return err
	}
	defer l.Close()
	days, err := l.Days(ctx, b.App, []string{session})
	if err == nil && len(days.Dates) == 0 {
		return fail(http.StatusNotFound, "unknown_session", "the lake holds no such dialogue")
	}
	return err
}

// readJSON reads the one document of a body.
func readJSON(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fail(http.StatusBadRequest, "bad_body", "the body is not as it should be")
	}
	return nil
}
