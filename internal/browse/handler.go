package browse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"weir/analyze/lake"
	"weir/collector/parquet"
	"weir/internal/app"
	"weir/internal/control"
	"weir/judge"
	"weir/judge/label"
	"weir/rollout/spec"
	"weir/trace"
)

// Caller is the header that says who asks, set by whoever lets them in.
const Caller = control.CallerHeader

// A Config says what is read.
type Config struct {
	Lake string // folder
	App  string
	// Spec gives the specification and its rubrics as they are now: for samples and
	// labels; nil: there are none.
	Spec func() (*spec.Release, []*judge.Rubric, error)
	// Options bound the queries.
	Options lake.Options
	Now     func() time.Time // nil: time.Now
	// Patience is after how long a search gives what it has found so far; 0: 5 seconds.
	Patience time.Duration
	Log      *slog.Logger // nil: nothing is written
}

// Bounds of a question.
const (
	answerIn = 20 * time.Second
	searchIn = 5 * time.Second  // then a search gives what it has found
	waitFor  = 10 * time.Second // for the question before
	maxBody  = 64 << 10
)

// A browser answers.
type browser struct {
	Config
	size int64         // of the first window
	turn chan struct{} // whoever holds it asks the lake
}

// New gives the handler of the calls under /v1/applications/{app}/.
func New(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Patience == 0 {
		c.Patience = searchIn
	}
	b := &browser{c, firstWindow, make(chan struct{}, 1)}
	mux := http.NewServeMux()
	for pattern, h := range map[string]func(context.Context, *http.Request) (any, error){
		"GET /v1/applications/{app}/dialogues":     b.list,
		"GET /v1/applications/{app}/dialogue":      b.read,
		"GET /v1/applications/{app}/samples":       b.sets,
		"POST /v1/applications/{app}/samples":      b.draw,
		"GET /v1/applications/{app}/samples/{set}": b.set,
		"POST /v1/applications/{app}/labels":       b.label,
	} {
		mux.Handle(pattern, b.answering(h))
	}
	return mux
}

// A failure is an answer that says what is wrong and what to do.
type failure struct {
	status        int
	code, message string
}

func (f *failure) Error() string { return f.message }

func fail(status int, code, format string, args ...any) *failure {
	return &failure{status, code, fmt.Sprintf(format, args...)}
}

// A written is an answer that is no JSON.
type written struct {
	kind, name string
	write      func(http.ResponseWriter) error
}

// answering waits for its turn, asks, and answers.
func (b *browser) answering(ask func(context.Context, *http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		answer, err := b.ask(r, ask)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if file, ok := answer.(written); ok && err == nil {
			w.Header().Set("Content-Type", file.kind)
			w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", file.name))
			if err := file.write(w); err != nil {
				b.Log.Warn("an answer was not written", "error", err)
			}
			return
		}
		status := http.StatusOK
		if err != nil {
			f := b.failureOf(r, err)
			status, answer = f.status, map[string]any{"error": map[string]string{"code": f.code, "message": f.message}}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.Encode(answer)
	})
}

func (b *browser) ask(r *http.Request, ask func(context.Context, *http.Request) (any, error)) (any, error) {
	if r.PathValue("app") != b.App {
		return nil, fail(http.StatusNotFound, "unknown_app", "there is no app %q here: the dialogues of %s are", r.PathValue("app"), b.App)
	}
	waiting, stop := context.WithTimeout(r.Context(), waitFor)
	defer stop()
	select {
	case b.turn <- struct{}{}:
		defer func() { <-b.turn }()
	case <-waiting.Done():
		return nil, fail(http.StatusServiceUnavailable, "busy", "somebody else's question is being answered: ask again in a moment")
	}
	ctx, end := context.WithTimeout(r.Context(), answerIn)
	defer end()
	answer, err := ask(ctx, r)
	if err != nil && ctx.Err() != nil {
		err = fail(http.StatusServiceUnavailable, "too_long", "no answer in %v: ask for less, such as fewer days", answerIn)
	}
	return answer, err
}

// failureOf says what is wrong. What only the log may hold stays there.
func (b *browser) failureOf(r *http.Request, err error) *failure {
	var known *failure
	switch {
	case errors.As(err, &known):
		return known
	case lake.OutOfMemory(err):
		return fail(http.StatusServiceUnavailable, "too_large", "the question needs more memory than it may have: ask for less, such as fewer days")
	}
	b.Log.Error("a question was not answered", "call", r.Method+" "+r.Pattern, "error", err)
	return fail(http.StatusInternalServerError, "failed", "the lake could not be read; the log says why")
}

// A shelf is the lake's files of the application, and a session of queries over some
// of them.
type shelf struct {
	*lake.Lake
	files map[string][]parquet.File
	path  func(parquet.File) string
}

// open opens the lake's files of the application: of requests and texts, those of
// the days from and to fall into; a zero time is no bound.
func (b *browser) open(ctx context.Context, from, to time.Time) (*shelf, error) {
	l, err := parquet.Open(b.Lake)
	if err != nil {
		return nil, err
	}
	s := &shelf{files: map[string][]parquet.File{}, path: l.Path}
	paths := lake.Files{}
	for _, t := range trace.Tables() {
		files, err := l.Files(t.Name, b.App)
		if err != nil {
			return nil, err
		}
		dated := t.Name == "traces" || t.Name == "contents"
		for _, f := range files {
			if dated && !within(f.Date, from, to) {
				continue
			}
			s.files[t.Name] = append(s.files[t.Name], f)
		}
		paths[t.Name] = s.paths(s.files[t.Name])
	}
	s.Lake, err = lake.Open(ctx, paths, b.Options)
	return s, err
}

func (s *shelf) paths(files []parquet.File) []string {
	out := make([]string, len(files))
	for i, f := range files {
		out[i] = s.path(f)
	}
	return out
}

// show shows requests of these files alone, and texts of their days.
func (s *shelf) show(ctx context.Context, traces []parquet.File) error {
	days := map[string]bool{}
	for _, f := range traces {
		days[f.Date] = true
	}
	var texts []parquet.File
	for _, f := range s.files["contents"] {
		if days[f.Date] {
			texts = append(texts, f)
		}
	}
	return s.Show(ctx, lake.Files{"traces": s.paths(traces), "contents": s.paths(texts)})
}

// within tells whether a day may hold what lies between two times.
func within(date string, from, to time.Time) bool {
	switch {
	case date == trace.UnknownDate:
		return from.IsZero() && to.IsZero()
	case !from.IsZero() && date < trace.Date(from):
		return false
	}
	return to.IsZero() || date <= trace.Date(to)
}

// rubric is one of the specification's by its name.
func (b *browser) rubric(name string) (*spec.Release, *judge.Rubric, error) {
	release, rubrics, err := b.promised()
	if err != nil {
		return nil, nil, err
	}
	for _, r := range rubrics {
		if r.Name == name || name == "" && len(rubrics) == 1 {
			return release, r, nil
		}
	}
	var has []string
	for _, r := range rubrics {
		has = append(has, r.Name)
	}
	among := strings.Join(has, ", ")
	switch {
	case len(has) == 0:
		return nil, nil, fail(http.StatusNotFound, "unknown_rubric", "the spec names no rubric: write judge.rubrics")
	case name == "":
		return nil, nil, bad("rubric is missing: the spec has %s", among)
	}
	return nil, nil, fail(http.StatusNotFound, "unknown_rubric", "the spec has no rubric %q: it has %s", name, among)
}

func (b *browser) promised() (*spec.Release, []*judge.Rubric, error) {
	if b.Spec == nil {
		return nil, nil, fail(http.StatusConflict, "no_spec", "labels are given by a rubric of a spec: start with --spec")
	}
	release, rubrics, err := b.Spec()
	if err != nil {
		return nil, nil, fail(http.StatusConflict, "bad_spec", "the spec or a rubric of it cannot be read: %v", err)
	}
	return release, rubrics, nil
}

// refused turns an error of the application into an answer.
func refused(err error) error {
	if errors.Is(err, app.ErrNothingToLabel) {
		return fail(http.StatusConflict, "nothing_to_label", "%v", err)
	}
	if errors.Is(err, app.ErrUnknownSet) {
		return fail(http.StatusNotFound, "unknown_set", "%v", err)
	}
	if errors.Is(err, app.ErrTooMany) {
		return fail(http.StatusConflict, "too_many", "%v", err)
	}
	return err
}

func asFaults(err error, into *label.Faults) bool { return errors.As(err, into) }
