package live

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/collector/parquet"
	"weir/internal/control"
	"weir/rollout/spec"
	"weir/trace"
)

// A place is where processes live one after another: folders, versions, and the
// spec's text.
type place struct {
	*testing.T
	dir    string
	text   atomic.Pointer[string]
	v1, v2 *httptest.Server
	fails  atomic.Bool   // v2 answers 500
	gate   chan struct{} // a stream of v1 goes on with each
	client *http.Client  // of the control plane
}

func newPlace(t *testing.T) *place {
	p := &place{T: t, dir: t.TempDir(), gate: make(chan struct{}), client: http.DefaultClient}
	answer := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case name == "v2" && p.fails.Load():
				w.WriteHeader(500)
			case r.URL.Path == "/stream":
				p.stream(w, r)
			default:
				fmt.Fprint(w, name)
			}
		})
	}
	p.v1, p.v2 = httptest.NewServer(answer("v1")), httptest.NewServer(answer("v2"))
	t.Cleanup(p.v1.Close)
	t.Cleanup(p.v2.Close)
	p.spec("")
	return p
}

// stream sends an event for each that the gate lets through.
func (p *place) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for i := range 3 {
		fmt.Fprintf(w, "data: %d\n\n", i)
		w.(http.Flusher).Flush()
		select {
		case <-p.gate:
		case <-r.Context().Done():
			return
		}
	}
}

// spec writes a specification with further lines.
func (p *place) spec(more string) {
	text := fmt.Sprintf(`
app: bot
release: r1
stable: v1
candidate: v2
versions: {v1: {upstream: %q}, v2: {upstream: %q}}
breaker: {consecutive_failures: 3}
ramp: {steps: [{to: 5%%}, {to: 50%%}]}
journal: {fsync: 5ms}
%s`, p.v1.URL, p.v2.URL, more)
	p.text.Store(&text)
}

// A life is a process.
type life struct {
	*Live
	p           *place
	data, admin string
	end         context.CancelFunc
	ended       chan error
	log         *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (p *place) options() Options {
	return Options{
		Spec:   func() (*spec.Release, error) { return spec.Parse("weir.yaml", []byte(*p.text.Load())) },
		Lake:   filepath.Join(p.dir, "lake"),
		Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Tokens: control.EnvironmentToken("KEY"),
		Publish: 50 * time.Millisecond, Drain: 5 * time.Second,
	}
}

func (p *place) start(change func(*Options)) *life {
	p.Helper()
	log := &lockedBuffer{}
	o := p.options()
	o.Log = slog.New(slog.NewTextHandler(log, nil))
	if change != nil {
		change(&o)
	}
	l, err := New(o)
	if err != nil {
		p.Fatal(err)
	}
	data, admin := l.Addresses()
	ctx, end := context.WithCancel(context.Background())
	scheme := "http://"
	if o.CertFile != "" {
		scheme = "https://"
	}
	f := &life{Live: l, p: p, data: "http://" + data.String(), admin: scheme + admin.String(), end: end, ended: make(chan error, 1), log: log}
	go func() { f.ended <- l.Run(ctx) }()
	p.Cleanup(func() { f.stop() })
	f.ready()
	return f
}

func (f *life) ready() {
	for range 500 {
		if res, err := f.p.client.Get(f.admin + "/readyz"); err == nil {
			res.Body.Close()
			if res.StatusCode == 200 {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.p.Fatal("it never became ready")
}

// stop ends the process in order; again is nothing.
func (f *life) stop() {
	f.end()
	if f.ended == nil {
		return
	}
	if err := <-f.ended; err != nil {
		f.p.Errorf("it ended with %v", err)
	}
	f.ended = nil
}

// ask sends a request of a session, and of a user if there is one, and gives the version that
// served it.
func (f *life) ask(session string, user ...string) string {
	f.p.Helper()
	r, _ := http.NewRequest("GET", f.data+"/chat", nil)
	r.Header.Set("X-Session-Id", session)
	r.Header["X-User-Id"] = user
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		f.p.Fatal(err)
	}
	defer res.Body.Close()
	io.Copy(io.Discard, res.Body)
	return res.Header.Get("X-Weir-Version")
}

func (f *life) call(method, path, body string) (int, string) {
	f.p.Helper()
	r, _ := http.NewRequest(method, f.admin+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer KEY")
	r.Header.Set("Content-Type", "application/json")
	res, err := f.p.client.Do(r)
	if err != nil {
		f.p.Fatal(err)
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(raw)
}

func (f *life) share(v string) {
	f.p.Helper()
	if status, body := f.call("PATCH", "/v1/applications/bot/deployments",
		`{"version":"v2","traffic_control":{"strategy":"percentage","value":`+v+`},"target_environment":"production","enabled":true}`); status != 200 {
		f.p.Fatal(status, body)
	}
}

func rows[T parquet.Row](p *place) (all []T) {
	p.Helper()
	lake, err := parquet.Open(filepath.Join(p.dir, "lake"))
	if err != nil {
		p.Fatal(err)
	}
	for row, err := range parquet.ReadAll[T](p.Context(), lake, "bot") {
		if err != nil {
			p.Fatal(err)
		}
		all = append(all, row)
	}
	return all
}

func TestStickyThroughRampAndRestart(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	f.share("0.5")
	served := map[string]string{}
	for i := range 40 {
		session := fmt.Sprint("s", i)
		served[session] = f.ask(session)
	}
	f.share("0.05")
	f.stop()
	f = p.start(nil)
	if s := f.Steering().Current().State; s.Share != 0.05 || s.Epoch != 3 {
		t.Errorf("%+v", s)
	}
	counts := map[string]int{}
	for session, version := range served {
		if again := f.ask(session); again != version {
			t.Errorf("%s went to %s, then to %s", session, version, again)
		}
		counts[version]++
	}
	if counts["v1"] < 5 || counts["v2"] < 5 {
		t.Errorf("%v", counts)
	}
	f.stop()
	exchanges := rows[trace.Exchange](p)
	if len(exchanges) != 80 {
		t.Errorf("%d of 80 rows are in the lake", len(exchanges))
	}
	for _, x := range exchanges {
		if *x.Propensity != 0.5 || *x.Epoch != 2 || x.ServedVersion != served[x.SessionID] {
			t.Errorf("%+v", x)
		}
	}
	if events := rows[trace.Event](p); len(events) != 3 || events[1].Actor != "WEIR_TOKEN" {
		t.Errorf("%+v", events)
	}
}

func TestRollbackTakesEffectOnTheNextRequest(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	f.share("1")
	if v := f.ask("s1"); v != "v2" {
		t.Fatal(v)
	}
	if status, body := f.call("POST", "/v1/applications/bot/rollback", ""); status != 200 {
		t.Fatal(body)
	}
	if v := f.ask("s1"); v != "v1" {
		t.Error("the session stayed on", v)
	}
}

func TestBreakerSurvivesARestart(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	f.share("1")
	p.fails.Store(true)
	for range 3 {
		f.ask("s1")
	}
	if v := f.ask("s1"); v != "v1" {
		t.Error("after the breaker opened", v)
	}
	f.stop()
	f = p.start(nil)
	if v := f.ask("s2"); v != "v1" {
		t.Error("after a restart", v)
	}
	p.fails.Store(false)
	if status, body := f.call("POST", "/v1/applications/bot/resume", ""); status != 200 || !strings.Contains(body, `"breaker":null`) {
		t.Fatal(body)
	}
	if v := f.ask("s3"); v != "v2" {
		t.Error("after resume", v)
	}
	if v := f.ask("s1"); v != "v1" {
		t.Error("who was moved went back to", v)
	}
	if _, body := f.call("GET", "/metrics", ""); !strings.Contains(body, `weir_breaker_open{version="v2"} 0`) || !strings.Contains(body, `weir_requests_total{version="v2"}`) {
		t.Error(body)
	}
}

func TestReloadUnderAFlowingStream(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	res, err := http.Get(f.data + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		for lines.Scan() {
			if lines.Text() != "" {
				return lines.Text()
			}
		}
		return "the end"
	}
	if got := next(); got != "data: 0" {
		t.Fatal(got)
	}
	p.spec("rules: [{name: qa, when: 'user == \"qa\"', version: v2}]")
	if status, body := f.call("POST", "/v1/applications/bot/reload", ""); status != 200 || !strings.Contains(body, `"epoch":2`) {
		t.Fatal(body)
	}
	for _, want := range []string{"data: 1", "data: 2"} {
		p.gate <- struct{}{}
		if got := next(); got != want {
			t.Fatal(got)
		}
	}
	p.gate <- struct{}{}
	if got := next(); got != "the end" {
		t.Error(got)
	}
	if v := f.ask("", "qa"); v != "v2" {
		t.Error("the new rule sends to", v)
	}
}

func TestBadReloadChangesNothing(t *testing.T) {
	p := newPlace(t)
	hangup := make(chan os.Signal)
	f := p.start(func(o *Options) { o.Hangup = hangup })
	before := f.Steering().Current().Seq
	bad := "app: bot\nrelease: r1\nstable: v1\ncandidate: v1\nramps: 1\n"
	p.text.Store(&bad)
	status, body := f.call("POST", "/v1/applications/bot/reload", "")
	if status != 422 || !strings.Contains(body, "unknown key") || !strings.Contains(body, "is the stable version") {
		t.Error(status, body)
	}
	hangup <- os.Interrupt
	hangup <- os.Interrupt // the first is over
	p.spec("unit: user")
	if status, body = f.call("POST", "/v1/applications/bot/reload", ""); status != 409 || !strings.Contains(body, "new release") {
		t.Error(status, body)
	}
	p.spec(`context: {region: "geoip:nowhere.mmdb"}`)
	if status, body = f.call("POST", "/v1/applications/bot/reload", ""); status < 400 || !strings.Contains(body, "nowhere.mmdb") {
		t.Error(status, body)
	}
	if after := f.Steering().Current().Seq; after != before {
		t.Errorf("change %d", after)
	}
	if v := f.ask("s1"); v != "v1" {
		t.Error(v)
	}
}

func TestDrainLetsStreamsEnd(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	res, err := http.Get(f.data + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	f.end()
	for range 3 {
		p.gate <- struct{}{}
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil || !strings.HasSuffix(string(raw), "data: 2\n\n") {
		t.Errorf("%q, %v", raw, err)
	}
	f.stop()
	if x := rows[trace.Exchange](p); len(x) != 1 || x[0].ErrorType != "" {
		t.Errorf("%+v", x)
	}
}

func TestDrainIsBounded(t *testing.T) {
	p := newPlace(t)
	f := p.start(func(o *Options) { o.Drain = 50 * time.Millisecond })
	res, err := http.Get(f.data + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	f.stop()
	if x := rows[trace.Exchange](p); len(x) != 1 {
		t.Errorf("%d rows", len(x))
	}
}

func TestOutcomesReachTheLake(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	f.ask("s1")
	if status, body := f.call("POST", "/v1/outcomes", `{"session_id":"s1","name":"resolved","value":1}`); status != 200 || !strings.Contains(body, `"unknown":0`) {
		t.Fatal(status, body)
	}
	f.stop()
	if o := rows[trace.Outcome](p); len(o) != 1 || o[0].SessionID != "s1" || o[0].Value != 1 {
		t.Errorf("%+v", o)
	}
}

func TestReportedTracesReachTheLake(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	status, body := f.call("POST", "/v1/traces", `{"traces":[{"trace_id":"t1","session_id":"s1","assigned_version":"v2","started_at":"2026-11-25T09:00:00Z","latency_ms":12}]}`)
	if status != 200 {
		t.Fatal(status, body)
	}
	f.stop()
	if x := rows[trace.Exchange](p); len(x) != 1 || x[0].TraceID != "t1" || x[0].App != "bot" {
		t.Errorf("%+v", x)
	}
}

func TestStrategyIsFixedOnceUnitsAreDrawn(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	f.share("0.5")
	f.ask("") // a unit of its own, which nobody remembers
	status, body := f.call("PATCH", "/v1/applications/bot/deployments",
		`{"version":"v2","traffic_control":{"strategy":"header","value":"X-Flag: v2"},"target_environment":"production"}`)
	if status != 409 || !strings.Contains(body, "new release") {
		t.Error(status, body)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	p := newPlace(t)
	f := p.start(nil)
	if _, err := New(f.options); err == nil || !strings.Contains(err.Error(), "one process serves one app") {
		t.Error(err)
	}
}

func TestWhatIsRefusedAtTheStart(t *testing.T) {
	p := newPlace(t)
	for name, c := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"a control plane for everyone in clear": {func(o *Options) { o.Admin = "0.0.0.0:0" }, "travel in clear"},
		"all addresses":                         {func(o *Options) { o.Admin = ":0" }, "travel in clear"},
		"half of TLS":                           {func(o *Options) { o.CertFile = "cert.pem" }, "both"},
		"no spec":                               {func(o *Options) { o.Spec = nil }, "a spec"},
	} {
		o := p.options()
		c.change(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An address that is none is a fault of the command line; one that is taken is not.
func TestAddresses(t *testing.T) {
	p := newPlace(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for address, malformed := range map[string]bool{"8080": true, "127.0.0.1:99999": true, "[::1": true, taken.Addr().String(): false} {
		for name, change := range map[string]func(*Options){
			"--listen": func(o *Options) { o.Listen = address },
			"--admin":  func(o *Options) { o.Admin, o.Exposed = address, true },
		} {
			o := p.options()
			change(&o)
			_, err := New(o)
			wrong := SettingsError{}
			if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), address) || errors.As(err, &wrong) != malformed {
				t.Errorf("%s %s: %v", name, address, err)
			}
		}
	}
}

func TestHashedIDs(t *testing.T) {
	p := newPlace(t)
	key := filepath.Join(p.dir, "key")
	if err := os.WriteFile(key, []byte("0123456789abcdef0123"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.spec(fmt.Sprintf("privacy: {hash_ids: true, key_file: %q}", key))
	f := p.start(nil)
	f.ask("s1")
	if _, body := f.call("POST", "/v1/outcomes", `{"session_id":"s1","name":"resolved","value":1}`); !strings.Contains(body, `"unknown":0`) {
		t.Error(body)
	}
	f.stop()
	x, o := rows[trace.Exchange](p), rows[trace.Outcome](p)
	if len(x) != 1 || len(o) != 1 || x[0].SessionID == "s1" || x[0].SessionID != o[0].SessionID || x[0].UnitID != x[0].SessionID {
		t.Errorf("%+v, %+v", x, o)
	}
}

func TestGreetingNamesAddresses(t *testing.T) {
	f := newPlace(t).start(nil)
	if g := f.Greeting(); !strings.Contains(g, f.data) || !strings.Contains(g, f.admin) || !strings.Contains(g, "v2 against v1") {
		t.Error(g)
	}
}

// A spec that cannot be read when it is to be read again is its caller's matter.
func TestReloadOfNoSpec(t *testing.T) {
	p := newPlace(t)
	var gone atomic.Bool
	f := p.start(func(o *Options) {
		read := o.Spec
		o.Spec = func() (*spec.Release, error) {
			if gone.Load() {
				s := Settings{Spec: p.dir}
				return s.read()
			}
			return read()
		}
	})
	gone.Store(true)
	if status, body := f.call("POST", "/v1/applications/bot/reload", ""); status != 422 || !strings.Contains(body, p.dir+" is a folder") {
		t.Error(status, body)
	}
}

// OPTIONS * is for a version to answer, whatever path stands in its upstream.
func TestOptionsOfTheServer(t *testing.T) {
	p := newPlace(t)
	target := make(chan string, 1)
	version := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		target <- r.Method + " " + r.RequestURI
		w.Header().Set("Allow", "GET, POST")
	}))
	version.Config.DisableGeneralOptionsHandler = true
	version.Start()
	defer version.Close()
	for _, path := range []string{"", "/base"} {
		text := strings.ReplaceAll(*p.text.Load(), p.v1.URL, version.URL+path)
		f := p.start(func(o *Options) {
			o.Lake = t.TempDir()
			o.Spec = func() (*spec.Release, error) { return spec.Parse("weir.yaml", []byte(text)) }
		})
		c, err := net.Dial("tcp", strings.TrimPrefix(f.data, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(c, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
		res, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || res.StatusCode != 200 || res.Header.Get("Allow") != "GET, POST" {
			t.Fatalf("%q: %v %+v", path, err, res)
		}
		if got := <-target; got != "OPTIONS *" {
			t.Errorf("%q: the version was asked %s", path, got)
		}
		c.Close()
		f.stop()
	}
}
