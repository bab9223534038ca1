package control

import (
	"cmp"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// Sizes of bodies, in bytes.
const (
	maxBody   = 64 << 10
	maxIngest = 8 << 20
)

// Header tells the control plane's answers from those of the application, with
// the version of the API.
const Header = "X-Weir-Control"

// A route is a call.
type route struct {
	method, path string
	scopes       []Scope // any of them; nil: no token is needed
	limit        int64   // of the body
	handle       handler
}

func (a *api) routes() []route {
	read, operate, ingest, decide := []Scope{Read}, []Scope{Operate}, []Scope{Ingest}, []Scope{Ingest, Read}
	const app = "/v1/applications/{app}/"
	routes := []route{
		{"GET", app + "deployments", read, maxBody, a.ofApp(a.getDeployment)},
		{"PATCH", app + "deployments", operate, maxBody, a.ofApp(a.patchDeployment)},
		{"POST", app + "rollback", operate, maxBody, a.ofApp(a.rollback)},
		{"POST", app + "promote", operate, maxBody, a.ofApp(a.promote)},
		{"POST", app + "pause", operate, maxBody, a.ofApp(a.pause)},
		{"POST", app + "resume", operate, maxBody, a.ofApp(a.resume)},
		{"POST", app + "drill", operate, maxBody, a.ofApp(a.drill)},
		{"POST", app + "reload", operate, maxBody, a.ofApp(a.reload)},
		{"POST", app + "forget", operate, maxBody, a.ofApp(a.forget)},
		{"GET", app + "plan", read, maxBody, a.ofApp(a.plan)},
		{"GET", app + "live", read, maxBody, a.ofApp(a.live)},
		{"GET", app + "conversations", read, maxBody, a.ofApp(a.conversations)},
		{"GET", app + "history", read, maxBody, a.ofApp(a.history)},
		{"GET", app + "autopilot", read, maxBody, a.ofApp(a.autopilot)},
		{"POST", app + "autopilot", operate, maxBody, a.ofApp(a.takeHelm)},
		{"POST", app + "autopilot/act", operate, maxBody, a.ofApp(a.steer)},
		{"GET", app + "jobs", read, maxBody, a.ofApp(a.jobs)},
		{"GET", app + "webhooks", read, maxBody, a.ofApp(a.webhooks)},
		{"GET", app + "rules", read, maxBody, a.ofApp(a.rules)},
		{"POST", app + "explain", read, maxBody, a.ofApp(a.explain)},
		{"GET", app + "verdict", read, maxBody, a.ofApp(a.verdict)},
		{"GET", app + "effects", read, maxBody, a.ofApp(a.effects)},
		{"POST", app + "verdict/flagger", read, maxBody, a.ofApp(a.flagger)},
		{"GET", "/v1/me", scopes, maxBody, a.me},
		{"POST", "/v1/route", decide, maxBody, a.route},
		{"POST", "/v1/outcomes", ingest, maxIngest, a.outcomes},
		{"POST", "/v1/traces", ingest, maxIngest, a.handed(a.Ingest)},
		{"POST", "/ofrep/v1/evaluate/flags", decide, maxBody, a.evaluateAll},
		{"POST", "/ofrep/v1/evaluate/flags/{key}", decide, maxBody, a.evaluate},
		{"GET", "/api/v1/query", read, maxBody, a.query},
		{"GET", "/metrics", read, maxBody, a.handed(a.Metrics)},
		{"GET", "/openapi.json", read, maxBody, openAPI},
		{"GET", "/healthz", nil, maxBody, healthy},
		{"GET", "/readyz", nil, maxBody, a.ready},
	}
	return append(routes, a.readings()...)
}

// readings are the calls about dialogues.
func (a *api) readings() []route {
	const app = "/v1/applications/{app}/"
	read, give := []Scope{Read}, []Scope{Ingest, Operate}
	h := a.ofApp(a.named(a.Dialogues))
	return []route{
		{"GET", app + "dialogues", read, maxBody, h},
		{"GET", app + "dialogue", read, maxBody, h},
		{"GET", app + "samples", read, maxBody, h},
		{"POST", app + "samples", []Scope{Operate}, maxBody, h},
		{"GET", app + "samples/{set}", read, maxBody, h},
		{"POST", app + "labels", give, maxBody, h},
	}
}

// CallerHeader tells a handler that was handed in who asks.
const CallerHeader = "X-Weir-Caller"

// named passes a call to a handler with the name of who makes it, and without his
// token.
func (a *api) named(to http.Handler) handler {
	return func(w http.ResponseWriter, r *http.Request, by caller) error {
		if to == nil {
			return fail(http.StatusNotFound, "no_dialogues", "dialogues are not read here: weir serve does, or weir browse on the lake")
		}
		r = r.Clone(r.Context())
		r.Header.Del("Authorization")
		r.Header.Del("X-API-Key")
		r.Header.Set(CallerHeader, by.name)
		to.ServeHTTP(w, r)
		return nil
	}
}

// An api is the handlers with what they need.
type api struct {
	Config
	reads  string // the application, where nothing is steered
	guards *guards
	recent *recent
	pulse  *pulse
	calls  *prometheus.CounterVec
	counts *prometheus.CounterVec // of outcomes
	mux    *http.ServeMux
	known  map[string][]string // methods by path
}

// New gives the control plane's handler. It panics where a registry already has
// its metrics.
func New(config Config) http.Handler {
	a := newAPI(config.complete())
	a.serve(a.routes())
	return http.HandlerFunc(a.ServeHTTP)
}

func newAPI(c Config) *api {
	a := &api{
		Config: c, guards: newGuards(c), recent: newRecent(), pulse: &pulse{}, mux: http.NewServeMux(), known: map[string][]string{},
		calls:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "weir_control_calls_total", Help: "Calls of the control plane."}, []string{"route", "code"}),
		counts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "weir_outcomes_total", Help: "Outcomes reported, by what became of them."}, []string{"result"}),
	}
	c.Register.MustRegister(a.calls, a.counts)
	return a
}

// app names the application that is served.
func (a *api) app() string {
	if a.Steering == nil {
		return a.reads
	}
	return a.Steering.Current().App
}

// NewReader gives the handler of a process that serves no traffic: who a token
// is, dialogues and pages, of one application.
func NewReader(app string, config Config) http.Handler {
	a := newAPI(config.filled())
	a.reads = app
	a.serve(append(a.readings(), route{"GET", "/v1/me", scopes, maxBody, a.me}, route{"GET", "/healthz", nil, maxBody, healthy}))
	return http.HandlerFunc(a.ServeHTTP)
}

// serve puts handlers behind their paths.
func (a *api) serve(routes []route) {
	for _, r := range routes {
		a.mux.Handle(r.method+" "+r.path, a.guarded(r))
		a.known[r.path] = append(a.known[r.path], r.method)
	}
	for path, methods := range a.known {
		a.mux.Handle(path, a.guarded(route{path: path, scopes: scopes, limit: maxBody, handle: wrongMethod(methods)}))
	}
	a.mux.Handle("/", a.guarded(route{path: "/", scopes: a.pagesScopes(), limit: maxBody, handle: a.pages}))
}

// ServeHTTP looks at where a call is to go before the paths are matched, which
// would tidy them up.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := a.guards.place(r); err != nil {
		f := failureOf(err)
		a.refused(r, "-", f)
		writeFailure(w, f)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// refused notes a call that was not carried out. What came too often, and an
// autopilot that waits for its turn, is counted and not logged, or it would fill the disk.
func (a *api) refused(r *http.Request, path string, f *failure) {
	level := slog.LevelWarn
	if f.status == http.StatusTooManyRequests || f.Code == heldCode {
		level = slog.LevelDebug
	}
	a.Log.Log(r.Context(), level, "a call was not carried out", "method", r.Method, "route", path, "code", f.Code, "status", f.status, "from", r.RemoteAddr)
	a.calls.WithLabelValues(path, strconv.Itoa(f.status)).Inc()
}

// guarded puts the guards before a route's handler, and counts its answers.
func (a *api) guarded(to route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &status{ResponseWriter: w}
		err := a.pass(to, s, r)
		if err != nil {
			f := failureOf(err)
			a.refused(r, r.Method+" "+to.path, f)
			if f.status == http.StatusTooManyRequests {
				w.Header().Set("Retry-After", "1")
			}
			if f.status == http.StatusUnauthorized {
				w.Header().Set("WWW-Authenticate", challenge(f.Code))
			}
			writeFailure(w, f)
			return
		}
		a.calls.WithLabelValues(r.Method+" "+to.path, strconv.Itoa(cmp.Or(s.code, http.StatusOK))).Inc()
	})
}

// challenge says how to authenticate, and whether what was sent is not taken (RFC 6750, section 3).
func challenge(code string) string {
	if code == wrongToken {
		return `Bearer realm="weir", error="invalid_token"`
	}
	return `Bearer realm="weir"`
}

// pass lets a call through the guards, in their order, to its handler.
func (a *api) pass(to route, w http.ResponseWriter, r *http.Request) error {
	var by caller
	if to.scopes != nil {
		var err error
		if by, err = a.guards.admit(r, to.scopes); err != nil {
			return err
		}
	}
	w.Header().Set(Header, "1")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	r.Body = http.MaxBytesReader(w, r.Body, to.limit)
	return to.handle(w, r, by)
}

// ofApp refuses an application that is not served here.
func (a *api) ofApp(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request, by caller) error {
		if app := a.app(); r.PathValue("app") != app {
			return fail(http.StatusNotFound, "unknown_app", "there is no app %q here: this process serves %s", r.PathValue("app"), app)
		}
		return h(w, r, by)
	}
}

// handed passes a call to a handler that was handed in.
func (a *api) handed(to http.Handler) handler {
	return func(w http.ResponseWriter, r *http.Request, _ caller) error {
		if to == nil {
			return errUnknownPath
		}
		to.ServeHTTP(w, r)
		return nil
	}
}

var errUnknownPath = fail(http.StatusNotFound, "unknown_path", "there is no such call: GET /openapi.json lists them")

func (a *api) pagesScopes() []Scope {
	if a.Pages != nil {
		return nil
	}
	return scopes
}

// pages answers what is no call of the API.
func (a *api) pages(w http.ResponseWriter, r *http.Request, _ caller) error {
	if a.Pages == nil || strings.HasPrefix(r.URL.Path, "/v1/") || strings.HasPrefix(r.URL.Path, "/ofrep/") {
		return errUnknownPath
	}
	a.Pages.ServeHTTP(w, r)
	return nil
}

func wrongMethod(allowed []string) handler {
	slices.Sort(allowed)
	list := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, r *http.Request, _ caller) error {
		w.Header().Set("Allow", list)
		return fail(http.StatusMethodNotAllowed, "method", "the call is made with %s", list)
	}
}

func healthy(w http.ResponseWriter, _ *http.Request, _ caller) error {
	writeJSON(w, http.StatusOK, map[string]any{"ok": true})
	return nil
}

func (a *api) ready(w http.ResponseWriter, _ *http.Request, _ caller) error {
	if err := a.Ready(); err != nil {
		return fail(http.StatusServiceUnavailable, "not_ready", "%v", err)
	}
	return healthy(w, nil, caller{})
}

// A status remembers the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	if s.code == 0 {
		s.code = code
	}
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController find the connection.
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }
