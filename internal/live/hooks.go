package live

import (
	"context"
	"sync"
	"time"

	"weir/internal/control"
	"weir/internal/control/ledger"
	"weir/internal/webhook"
	"weir/rollout/spec"
)

// A feed is what webhooks tell of.
type feed struct {
	live *Live

	mu      sync.Mutex
	look    webhook.Look
	read    time.Time
	release string // that the look was read for
}

var _ webhook.Feed = (*feed)(nil)

func (f *feed) Release() *spec.Release { return f.live.steering.Current().Release }

func (f *feed) Last() int64 { return f.live.steering.Current().Seq }

func (f *feed) Changes() ([]ledger.Entry, error) { return f.live.steering.History() }

// readEvery is how often the latest verdict is read.
const readEvery = 10 * time.Second

// Look is the latest, read at most every ten seconds.
func (f *feed) Look(ctx context.Context) webhook.Look {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, release := f.live.options.Now(), f.live.steering.Current().Release.Release
	if age := now.Sub(f.read); release != f.release || age < 0 || age >= readEvery {
		f.look, f.read, f.release = lookOf(release, f.live.verdict(ctx)), now, release
	}
	return f.look
}

// lookOf is a verdict as webhooks tell it. What is said of another release is none of
// this one's.
func lookOf(release string, v control.Verdict) webhook.Look {
	v = v.Known(release)
	l := webhook.Look{Release: release, Verdict: v.Verdict, Reasons: v.Reasons}
	if v.At != nil {
		l.At = *v.At
	}
	if v.SRM != nil {
		l.SRM = &webhook.SRM{OK: v.SRM.OK, PValue: &v.SRM.PValue}
	}
	return l
}

// verdict is that of the latest look, wherever it is made.
func (l *Live) verdict(ctx context.Context) control.Verdict {
	if l.options.Verdict != nil {
		return l.options.Verdict.Verdict(ctx)
	}
	return l.options.Helm.Verdict(ctx)
}
