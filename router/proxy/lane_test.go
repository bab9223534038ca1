package proxy

import (
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"weir/rollout/spec"
)

// endless is a body that comes as fast as it is read.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
func (endless) Close() error               { return nil }

// slow is a body whose pieces come so far apart.
type slow time.Duration

func (s slow) Read(p []byte) (int, error) { time.Sleep(time.Duration(s)); return len(p), nil }
func (slow) Close() error                 { return nil }

// two are versions, of which the floods of v2 share a lane.
func two(l *lane) *Proxy {
	p := &Proxy{versions: map[string]*version{}}
	for _, name := range []string{"v1", "v2"} {
		p.versions[name] = &version{
			Version:  spec.Version{MaxInFlight: 1000},
			standing: standing{inFlight: new(atomic.Int64), entered: new(atomic.Int64), lane: l},
		}
	}
	return p
}

// stream is one of v2, which has just been asked for.
func (p *Proxy) stream(body io.ReadCloser) *answer {
	return &answer{x: &exchange{Proxy: p, version: p.versions["v2"], asked: time.Now(), streamed: true}, body: body, left: -1, at: time.Now()}
}

// on returns a stream of a version with a lane, while another has requests.
func on(l *lane, body io.ReadCloser) *answer {
	p := two(l)
	p.versions["v1"].enter(time.Now())
	return p.stream(body)
}

// take reads so many bytes in pieces, each of which is so much work to send on.
func take(t *testing.T, a *answer, bytes int64, work time.Duration) {
	t.Helper()
	piece := make([]byte, streamBuffer)
	for left := bytes; left > 0; left -= streamBuffer {
		if _, err := a.Read(piece); err != nil {
			t.Error(err)
			return
		}
		time.Sleep(work)
	}
}

// However many answers flood, they work for a fiftieth of the processors' time
// at most, but for what of each is sent on before it is one. The clock is the
// test's.
func TestFloodsShareALane(t *testing.T) {
	const work, bytes = 50 * time.Microsecond, 4 << 20
	for _, processors := range []int{1, 2, 4} {
		for _, answers := range []int{1, 7} {
			synctest.Test(t, func(t *testing.T) {
				l, began := newLane(processors), time.Now()
				for range answers {
					go take(t, on(l, endless{}), bytes, work)
				}
				time.Sleep(time.Hour) // they end long before
				l.mu.Lock()
				defer l.mu.Unlock()
				took := l.free.Sub(began)
				if most := 30 * time.Minute; took > most {
					t.Fatalf("took %s", took)
				}
				flooding := time.Duration(answers) * (bytes - floodStream - streamBuffer) / streamBuffer * work
				if share := flooding.Seconds() / took.Seconds() / float64(processors); share > 1.0/laneShare || share < .8/laneShare {
					t.Errorf("%d answers on %d processors take %.4f of them in %s", answers, processors, share, took)
				}
			})
		}
	}
}

// A flood rests for others alone: while they have requests, and until a moment
// after the last of them.
func TestNoRestAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bytes, work = 4 << 20, 50 * time.Microsecond
		p := two(newLane(1))
		v1 := p.versions["v1"]
		timed := func(atMost time.Duration) {
			t.Helper()
			a, began := p.stream(endless{}), time.Now()
			take(t, a, bytes, work)
			if took := time.Since(began); took > atMost || took < atMost/2 {
				t.Errorf("took %s, want %s at most", took, atMost)
			}
		}
		const own = bytes / streamBuffer * work
		timed(own)
		v1.enter(time.Now())
		timed(laneShare * own)
		time.Sleep(time.Hour)
		timed(laneShare * own) // that request is under way still
		v1.inFlight.Add(-1)
		timed(own)
		v1.enter(time.Now())
		v1.inFlight.Add(-1)
		timed(company + own)
	})
}

// An answer that comes no faster than any model writes does not wait for those
// that flood beside it.
func TestNoFloodNoRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLane(2)
		for range 3 {
			go take(t, on(l, endless{}), 1<<20, time.Millisecond)
		}
		const pause, pieces = 20 * time.Millisecond, 500 // 200 KiB a second, 2 MiB in all
		began := time.Now()
		take(t, on(l, slow(pause)), pieces*streamBuffer, 0)
		if took := time.Since(began); took != pieces*pause {
			t.Errorf("took %s instead of %s", took, pieces*pause)
		}
		time.Sleep(time.Hour)
	})
}

// A client that takes an answer slowly costs its version no more than one that
// is quick.
func TestSlowClientKeepsNoLane(t *testing.T) {
	l, now := newLane(2), time.Unix(0, 0)
	if got := l.rest(now, time.Minute); got != mostWork*l.worth-mostWork {
		t.Errorf("after a minute in a client's hands: %s", got)
	}
}
