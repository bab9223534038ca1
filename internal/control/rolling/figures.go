package rolling

import (
	"sync"
	"time"
)

// Figures count the traffic of the last minutes. They may be used by several
// goroutines.
type Figures struct {
	began time.Time

	mu       sync.Mutex
	versions map[string]*ring
	first    time.Time                   // anything was seen; zero: not yet
	points   map[string]map[int64]values // of slots that are over, by version
}

// A Request is one that has ended.
type Request struct {
	Failed bool // by the version's fault
	// Latency and FirstToken are from arrival; FirstToken is 0 where no token came.
	Latency, FirstToken time.Duration
	Tokens              int64  // in and out; 0 where unknown
	Session             string // the conversation; empty where unknown
}

// maxVersions bounds what is counted apart.
const maxVersions = 16

// New returns figures that begin to count now.
func New(now time.Time) *Figures {
	return &Figures{began: now, versions: map[string]*ring{}, points: map[string]map[int64]values{}}
}

// ring is that of a version; nil where there are too many.
func (f *Figures) ring(version string, at time.Time) *ring {
	if f.first.IsZero() {
		f.first = at
	}
	r := f.versions[version]
	if r == nil && len(f.versions) < maxVersions {
		r = &ring{}
		f.versions[version] = r
	}
	return r
}

// Began counts a request that is sent to a version.
func (f *Figures) Began(version string, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r := f.ring(version, at); r != nil {
		if s := r.at(at); s != nil {
			s.begun++
		}
	}
}

// Ended counts a request that is over.
func (f *Figures) Ended(version string, q Request, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.ring(version, at)
	if r == nil {
		return
	}
	s := r.at(at)
	if s == nil {
		return
	}
	s.ended++
	if q.Failed {
		s.failed++
	}
	s.latency.add(milliseconds(q.Latency))
	if q.FirstToken > 0 {
		s.firstToken.add(milliseconds(q.FirstToken))
	}
	if q.Tokens > 0 && q.Session != "" {
		s.sessions.add(hashOf(q.Session), q.Tokens)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// A Version is how the traffic of a version went in the last five minutes, or
// since counting began where that is later.
type Version struct {
	Name             string   `json:"name"`
	Requests         int64    `json:"requests"` // that were sent to it
	Rate             *float64 `json:"rate"`     // of these, a second; null: nothing was seen yet
	Ended            int64    `json:"ended"`
	Errors           int64    `json:"errors"`
	ErrorShare       *float64 `json:"error_share"` // of those that ended
	FirstTokenP95MS  *float64 `json:"first_token_p95_ms"`
	LatencyP95MS     *float64 `json:"latency_p95_ms"`
	TokensPerSession *float64 `json:"tokens_per_session"` // of the conversations that had any in these minutes
}

// Series are the same over the last fifteen minutes: a point each ten seconds,
// about the minute that ends there, the oldest first. What nobody counted, or
// nothing happened in, is null.
type Series struct {
	Rate            []*float64 `json:"rate"`
	ErrorShare      []*float64 `json:"error_share"`
	FirstTokenP95MS []*float64 `json:"first_token_p95_ms"`
	LatencyP95MS    []*float64 `json:"latency_p95_ms"`
}

// A Snapshot is how the traffic goes.
type Snapshot struct {
	Since    time.Time // counting began
	Seen     bool      // anything was counted
	Versions []Version // those asked for, in their order
	// Series is by version, and SeriesEnd when its last point ends: the same
	// until the next slot is over.
	Series    map[string]Series
	SeriesEnd time.Time
}

// At gives the figures of versions as they stand at now.
func (f *Figures) At(now time.Time, versions []string) Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := Snapshot{Since: f.began, Seen: !f.first.IsZero()}
	for _, name := range versions {
		out.Versions = append(out.Versions, f.version(name, now))
	}
	out.Series, out.SeriesEnd = f.serial(now, versions)
	return out
}

func (f *Figures) version(name string, now time.Time) Version {
	v := Version{Name: name}
	passed := min(now.Sub(f.began), Window)
	if (!f.first.IsZero() || passed == Window) && passed > 0 {
		v.Rate = new(0.)
	}
	r := f.versions[name]
	if r == nil {
		return v
	}
	window := r.last(numberOf(now), perWindow)
	t := add(window)
	v.Requests, v.Ended, v.Errors, v.ErrorShare = t.begun, t.ended, t.failed, share(t.failed, t.ended)
	if v.Rate != nil {
		*v.Rate = float64(t.begun) / passed.Seconds()
	}
	v.FirstTokenP95MS = t.firstToken.quantile(.95, t.firstTokens)
	v.LatencyP95MS = t.latency.quantile(.95, t.latencies)
	v.TokensPerSession = mean(window)
	return v
}

func share(part, whole int64) *float64 {
	if whole == 0 {
		return nil
	}
	return new(float64(part) / float64(whole))
}

// serial gives the series up to the last slot that is over.
func (f *Figures) serial(now time.Time, versions []string) (map[string]Series, time.Time) {
	last := numberOf(now) - 1
	out := map[string]Series{}
	for _, name := range versions {
		out[name] = f.seriesOf(name, last)
	}
	return out, time.Unix(0, (last+1)*int64(Slot)).UTC()
}

// seriesOf gives a version's points; each is computed once.
func (f *Figures) seriesOf(name string, last int64) (out Series) {
	known := f.points[name]
	if known == nil {
		known = map[int64]values{}
		f.points[name] = known
	}
	first := last - int64(Span/Slot) + 1
	for n := range known {
		if n < first || n > last {
			delete(known, n)
		}
	}
	for n := first; n <= last; n++ {
		v, ok := known[n]
		if !ok {
			v = f.point(name, n)
			known[n] = v
		}
		out.Rate = append(out.Rate, v.rate)
		out.ErrorShare = append(out.ErrorShare, v.errorShare)
		out.FirstTokenP95MS = append(out.FirstTokenP95MS, v.firstToken)
		out.LatencyP95MS = append(out.LatencyP95MS, v.latency)
	}
	return out
}

// values are a point of each series.
type values struct{ rate, errorShare, firstToken, latency *float64 }

// point is about the minute that ends with a slot.
func (f *Figures) point(version string, n int64) (v values) {
	began := numberOf(f.began)
	if f.first.IsZero() || n <= began || n < numberOf(f.first) {
		return v
	}
	var begun int64
	if r := f.versions[version]; r != nil {
		t := add(r.last(n, perPoint))
		begun, v.errorShare = t.begun, share(t.failed, t.ended)
		v.firstToken, v.latency = t.firstToken.quantile(.95, t.firstTokens), t.latency.quantile(.95, t.latencies)
	}
	v.rate = new(float64(begun) / min(time.Duration(n-began)*Slot, perPoint*Slot).Seconds())
	return v
}

// A total is what several slots come to.
type total struct {
	begun, ended, failed   int64
	firstToken, latency    histogram
	firstTokens, latencies uint64
}

func add(of []*slot) *total {
	t := &total{}
	for _, s := range of {
		t.begun += s.begun
		t.ended += s.ended
		t.failed += s.failed
		t.firstTokens += t.firstToken.join(&s.firstToken)
		t.latencies += t.latency.join(&s.latency)
	}
	return t
}
