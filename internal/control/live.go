package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"weir/internal/control/rolling"
)

// A Live is how the traffic, and what is beside it, goes at a moment.
type Live struct {
	Figures   rolling.Snapshot
	Versions  map[string]Standing
	Collector Collecting
}

// A Standing is how a version stands.
type Standing struct {
	InFlight    int64 `json:"in_flight"`
	Up          *bool `json:"up"`           // of its last health probe; null: none was made
	BreakerOpen bool  `json:"breaker_open"` // only the candidate's moves traffic
}

// A Collecting is how what is recorded comes into the lake.
type Collecting struct {
	Healthy      bool       `json:"healthy"`
	Problem      string     `json:"problem,omitempty"` // that keeps the lake from being up to date
	PublishedAt  *time.Time `json:"published_at"`      // the lake was last brought up to date; null: not yet
	WaitingBytes int64      `json:"waiting_bytes"`     // recorded, and not in the lake yet
	Rows         int64      `json:"rows"`              // written to the lake since the start
	Lost         []LostRows `json:"lost"`
}

// LostRows are requests that happened and are in no lake.
type LostRows struct {
	Version string `json:"version"`
	Reason  string `json:"reason"`
	Rows    int64  `json:"rows"`
}

// How often a stream looks, and how long it is silent at most.
const (
	liveEvery   = 2 * time.Second
	liveSilence = 6 * time.Second
	maxStreams  = 32
)

// A pulse gives all streams the same events, computed once a look.
type pulse struct {
	mu      sync.Mutex
	looked  time.Time
	figures []byte // of an event
	series  []byte
	ended   time.Time // of series
	verdict []byte
	judged  time.Time // when the verdict was last looked for
	streams int
}

type liveVersion struct {
	rolling.Version
	Standing
}

// look gives the events as they are now. A look that others made a moment ago is
// taken.
func (a *api) look(r *http.Request) (events [][]byte) {
	p := a.pulse
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Sub(p.looked) >= liveEvery*3/4 {
		p.looked = now
		l := a.Live()
		p.figures = a.figuresEvent(l)
		if !l.Figures.SeriesEnd.Equal(p.ended) {
			p.ended = l.Figures.SeriesEnd
			p.series = event("series", struct {
				End         time.Time                 `json:"end"`
				SlotSeconds float64                   `json:"slot_seconds"`
				Versions    map[string]rolling.Series `json:"versions"`
			}{l.Figures.SeriesEnd, rolling.Slot.Seconds(), l.Figures.Series})
		}
	}
	if now.Sub(p.judged) >= rolling.Slot {
		p.judged = now
		v := a.latest(r.Context())
		p.verdict = event("verdict", struct {
			Verdict string     `json:"verdict"`
			At      *time.Time `json:"at"`
		}{v.Verdict, v.At})
	}
	c := a.Steering.Current()
	return [][]byte{event("release", deploymentOf(c.Release, c.Entry)), p.figures, p.series, p.verdict, event("autopilot", a.autopilotOf(c)), event("jobs", a.jobsNow()), event("webhooks", a.webhooksNow())}
}

func (a *api) figuresEvent(l Live) []byte {
	out := struct {
		Since         time.Time     `json:"since"`
		Seen          bool          `json:"seen"`
		WindowSeconds float64       `json:"window_seconds"`
		Versions      []liveVersion `json:"versions"`
		Collector     Collecting    `json:"collector"`
	}{l.Figures.Since, l.Figures.Seen, rolling.Window.Seconds(), []liveVersion{}, l.Collector}
	for _, v := range l.Figures.Versions {
		out.Versions = append(out.Versions, liveVersion{v, l.Versions[v.Name]})
	}
	return event("figures", out)
}

// event is a server-sent event.
func event(name string, data any) []byte {
	body, err := json.Marshal(data)
	if err != nil {
		panic("control: " + err.Error())
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", name, body)
}

var errNoLive = fail(http.StatusNotFound, "not_live", "no traffic passes here, so there are no live figures")

// live streams how the traffic goes: what has changed, every two seconds.
func (a *api) live(w http.ResponseWriter, r *http.Request, _ caller) error {
	if a.Live == nil {
		return errNoLive
	}
	if !a.pulse.enter() {
		return fail(http.StatusServiceUnavailable, "too_many", "%d watch already: close a page", maxStreams)
	}
	defer a.pulse.leave()
	stream := http.NewResponseController(w)
	stream.SetReadDeadline(time.Time{}) // the one for a request's body would end the stream
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	var sent [7][]byte
	var spoke time.Time
	for {
		var news bytes.Buffer
		for i, e := range a.look(r) {
			if !bytes.Equal(e, sent[i]) {
				sent[i] = e
				news.Write(e)
			}
		}
		if news.Len() == 0 && time.Since(spoke) >= liveSilence {
			news.WriteString(": still here\n\n")
		}
		if news.Len() > 0 {
			stream.SetWriteDeadline(time.Now().Add(10 * time.Second)) // who reads nothing is let go
			if _, err := w.Write(news.Bytes()); err != nil || stream.Flush() != nil {
				return nil
			}
			spoke = time.Now()
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-tick.C:
		}
	}
}

func (p *pulse) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.streams >= maxStreams {
		return false
	}
	p.streams++
	return true
}

func (p *pulse) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.streams--
}
