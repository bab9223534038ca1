package live

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"weir/internal/control/rolling"
	"weir/router/proxy"
)

// metrics counts the traffic by version, and gives the state of the process
// when it is asked for. Versions are those of the specification, so labels are
// few.
type metrics struct {
	live     *Live
	registry *prometheus.Registry

	requests, errors, input, output *prometheus.CounterVec
	latency, ttft                   *prometheus.HistogramVec
	up                              *prometheus.GaugeVec

	rolling *rolling.Figures
	probed  sync.Map // version to whether it answered its last health probe
}

// buckets are seconds, from 5 ms to 2 min.
var buckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}

func newMetrics(l *Live) *metrics {
	version := []string{"version"}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, append(version, labels...))
	}
	histogram := func(name, help string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, version)
	}
	m := &metrics{
		live: l, registry: prometheus.NewRegistry(), rolling: rolling.New(time.Now()),
		requests: counter("weir_requests_total", "Requests sent to a version."),
		errors:   counter("weir_request_errors_total", "Requests that failed by the version's fault.", "type"),
		input:    counter("weir_input_tokens_total", "Input tokens that a version reported."),
		output:   counter("weir_output_tokens_total", "Output tokens that a version reported."),
		latency:  histogram("weir_request_seconds", "From arrival to the last byte of the answer."),
		ttft:     histogram("weir_first_token_seconds", "From arrival to the first token."),
		up:       prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "weir_version_up", Help: "Whether the version answered its last health probe."}, version),
	}
	m.registry.MustRegister(m.requests, m.errors, m.input, m.output, m.latency, m.ttft, m.up, standing{l},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(l.options.Metrics...)
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry})
}

// Began counts a request that is sent to a version.
func (m *metrics) Began(version string) {
	m.requests.WithLabelValues(version).Inc()
	m.rolling.Began(version, time.Now())
}

// Ended counts a request that is over.
func (m *metrics) Ended(version string, o proxy.Observation) {
	if o.Error != "" {
		m.errors.WithLabelValues(version, o.Error).Inc()
	}
	m.latency.WithLabelValues(version).Observe(o.Latency.Seconds())
	if o.TTFT > 0 {
		m.ttft.WithLabelValues(version).Observe(o.TTFT.Seconds())
	}
	m.input.WithLabelValues(version).Add(float64(o.InputTokens))
	m.output.WithLabelValues(version).Add(float64(o.OutputTokens))
	m.rolling.Ended(version, rolling.Request{
		Failed: o.Error != "", Latency: o.Latency, FirstToken: o.TTFT,
		Tokens: o.InputTokens + o.OutputTokens, Session: o.Session,
	}, time.Now())
}

// Probed says whether a version answered a health probe.
func (m *metrics) Probed(version string, up bool) {
	value := 0.0
	if up {
		value = 1
	}
	m.up.WithLabelValues(version).Set(value)
	m.probed.Store(version, up)
}

// standing gives what is in force when it is asked for.
type standing struct{ live *Live }

var (
	shareDesc    = describe("weir_share", "Share of new units that the candidate gets.")
	epochDesc    = describe("weir_epoch", "Stretch of constant allocation.")
	changeDesc   = describe("weir_change", "Number of the last change.")
	stateDesc    = describe("weir_state", "1 for the states that hold: paused, halted, rolled_back, promoted.", "state")
	breakerDesc  = describe("weir_breaker_open", "Whether a version's breaker is open.", "version")
	flightDesc   = describe("weir_requests_in_flight", "Requests under way at a version.", "version")
	stickyDesc   = describe("weir_sticky_entries", "Assignments remembered.")
	unkeptDesc   = describe("weir_sticky_unwritten_total", "Assignments that could not be written down.")
	rowsDesc     = describe("weir_collector_rows_total", "Rows written to the lake.")
	crashedDesc  = describe("weir_collector_crashed_total", "Requests of earlier lives that had no end.")
	waitingDesc  = describe("weir_collector_waiting_bytes", "Bytes that are recorded and not in the lake yet.")
	publishDesc  = describe("weir_collector_published_timestamp_seconds", "When the lake was last brought up to date; 0: not yet.")
	healthyDesc  = describe("weir_collector_healthy", "Whether records are kept, and nothing keeps the lake from being brought up to date.")
	lostDesc     = describe("weir_collector_lost_rows_total", "Rows that are lost.", "release", "version", "reason")
	textsDesc    = describe("weir_collector_dropped_texts_total", "Rows whose text was dropped.", "version")
	syncDesc     = describe("weir_collector_sync_failures_total", "Group commits that the disk refused.")
	reportedDesc = describe("weir_traces_reported_total", "Requests that applications reported, by what became of them.", "result")
	hookTold     = describe("weir_webhook_delivered_total", "Events that a webhook's receiver took.", "webhook")
	hookDropped  = describe("weir_webhook_dropped_total", "Events that were given up, or passed over.", "webhook")
	hookFailures = describe("weir_webhook_failures", "Calls in a row that the receiver did not take.", "webhook")
	hookPending  = describe("weir_webhook_pending", "Events that wait for the receiver, as far as is known.", "webhook")
	outcomesDesc = describe("weir_collector_outcomes_total", "Outcomes kept.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe gives nothing: what is collected depends on the release.
func (standing) Describe(chan<- *prometheus.Desc) {}

// Collect gives what is in force.
func (s standing) Collect(out chan<- prometheus.Metric) {
	l := s.live
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	count := func(d *prometheus.Desc, v int64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(v), labels...)
	}
	reported := l.ingest.Counts()
	for result, n := range map[string]int64{
		"accepted": reported.Accepted, "doubled": reported.Doubled, "corrected": reported.Corrected,
		"late": reported.Late, "unknown": reported.Unknown, "rejected": reported.Rejected,
	} {
		count(reportedDesc, n, result)
	}
	c := l.steering.Current()
	gauge(shareDesc, float64(c.State.InForce()))
	gauge(epochDesc, float64(c.State.Epoch))
	gauge(changeDesc, float64(c.Seq))
	for state, holds := range map[string]bool{"paused": c.State.Paused, "halted": c.State.Halted, "rolled_back": c.State.RolledBack, "promoted": c.State.Promoted} {
		gauge(stateDesc, indicator(holds), state)
	}
	g := l.current.Load()
	for version, b := range g.Breakers() {
		gauge(breakerDesc, indicator(b.Open()), version)
		gauge(flightDesc, float64(g.InFlight(version)), version)
	}
	memory := l.sticky.Stats()
	gauge(stickyDesc, float64(memory.Entries))
	count(unkeptDesc, memory.Failures)

	h := l.collector.Health()
	count(rowsDesc, h.Rows)
	count(crashedDesc, h.Crashed)
	count(outcomesDesc, h.Outcomes)
	count(syncDesc, h.SyncFailures)
	gauge(waitingDesc, float64(h.Waiting))
	gauge(healthyDesc, indicator(h.Healthy()))
	published := 0.0
	if !h.Published.IsZero() {
		published = float64(h.Published.UnixMilli()) / 1000
	}
	gauge(publishDesc, published)
	for _, w := range l.hooks.Status() {
		count(hookTold, w.Delivered, w.Name)
		count(hookDropped, w.Dropped, w.Name)
		gauge(hookFailures, float64(w.Failures), w.Name)
		gauge(hookPending, float64(w.Pending), w.Name)
	}
	for _, lost := range h.Losses {
		count(lostDesc, lost.Rows, lost.Release, lost.Version, lost.Reason)
	}
	for _, texts := range h.Texts {
		count(textsDesc, texts.Rows, texts.Version)
	}
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
