package collector

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"weir/collector/parquet"
	"weir/internal/wal"
	"weir/trace"
)

// Options say what a collector does. App, Lake and Journal are required.
type Options struct {
	App     string        // that the process serves
	Lake    *parquet.Lake // where the rows go
	Journal string        // the directory of the log, for this process alone; made where it is absent

	// Fsync is the group commit: how much a power cut may cost. 0 is none: each
	// record waits for the disk.
	Fsync time.Duration
	// Publish is the age at which rows are written to the lake; 0 means 30 s.
	Publish time.Duration
	// SegmentBytes is the size at which they are written whatever their age; 0 means 16 MiB.
	SegmentBytes int64
	// Backlog is how many bytes of rows may wait on disk while the lake cannot be
	// written; 0 means 4 GiB. From half of it on texts are dropped, from all of it rows.
	Backlog int64
	// InFlight is how many bytes of text may be on their way into the log at one
	// time; 0 means 64 MiB. Texts beyond it are dropped, rows are not.
	InFlight int64
	// OpenRequests is how many requests without an end are remembered; 0 means
	// 100,000. One beyond it leaves no trace if the process is killed before it ends.
	OpenRequests int

	// Redact takes people out of a text before it is kept; nil changes nothing.
	Redact func(string) string
	// Now dates losses; nil means time.Now.
	Now func() time.Time
	// Log is told what an operator should know; nil means nobody.
	Log *slog.Logger
	// Create makes the log's files; nil means the operating system's.
	Create func(path string) (wal.File, error)
}

const (
	defaultPublish      = 30 * time.Second
	defaultSegmentBytes = 16 << 20
	defaultBacklog      = 4 << 30
	defaultInFlight     = 64 << 20
	defaultOpenRequests = 100_000
)

// complete returns the options with their defaults.
func (o Options) complete() (Options, error) {
	if err := trace.CheckName("app", o.App); err != nil {
		return o, err
	}
	if o.Lake == nil || o.Journal == "" {
		return o, errors.New("a lake and a directory for the journal are needed")
	}
	if o.Publish < 0 || o.SegmentBytes < 0 || o.Backlog < 0 || o.InFlight < 0 || o.OpenRequests < 0 {
		return o, errors.New("no option may be negative")
	}
	o.Publish = cmp.Or(o.Publish, defaultPublish)
	o.SegmentBytes = cmp.Or(o.SegmentBytes, defaultSegmentBytes)
	o.Backlog = cmp.Or(o.Backlog, defaultBacklog)
	o.InFlight = cmp.Or(o.InFlight, defaultInFlight)
	o.OpenRequests = cmp.Or(o.OpenRequests, defaultOpenRequests)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}
