package parquet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"weir/trace"
)

// Erased says what was taken out of the lake.
type Erased struct {
	Rows  map[string]int64 // by table
	Files int              // that were rewritten or removed
	// Kept lists files that hold rows of the person, or may, and could not be rewritten without
	// losing what this version does not know.
	Kept []string
}

// mostRounds is how often Erase begins again because others replaced files meanwhile.
const mostRounds = 20

// Erase takes a person out of the tables of an app: the requests made under that user id, and those
// of the same sessions without a user id; their texts, judgments and labels, also of pairs that they are in; and what was reported on
// the user, these requests or these sessions: all that is in the lake when it is called. It may run beside writers, readers and compactions:
// files are rewritten aside and replaced at once. Where it returns an error some files may be done
// and others not; to do it again is safe.
//
// A batch whose rows were rewritten can no longer be replaced: see ErrCompacted.
func (l *Lake) Erase(ctx context.Context, app, user string) (Erased, error) {
	e := Erased{Rows: map[string]int64{}}
	if user == "" {
		return e, errors.New("the user id is empty")
	}
	s, err := l.begin(true, func(*manifest) error { return nil })
	if err != nil {
		return e, err
	}
	r := &eraser{lake: l, session: s, report: &e, person: &person{user: user, sessions: map[string]bool{}, traces: map[string]bool{}, cases: map[string]bool{}}}
	err = r.rounds(ctx, app)
	e.Kept = slices.Compact(slices.Sorted(slices.Values(e.Kept)))
	return e, errors.Join(err, s.end(err == nil))
}

// A person is what belongs to one.
type person struct {
	user     string
	sessions map[string]bool // in which the user made a request
	traces   map[string]bool // of the user's, and of these sessions without a user
	cases    map[string]bool // of which one of these is a run
}

func (p *person) exchange(e *trace.Exchange) bool {
	return e.UserID == p.user || e.UserID == "" && p.sessions[e.SessionID]
}

func (p *person) content(c *trace.Content) bool { return p.traces[c.TraceID] }

func (p *person) outcome(o *trace.Outcome) bool {
	return o.UserID == p.user || p.traces[o.TraceID] || p.sessions[o.SessionID]
}

func (p *person) judgment(j *trace.Judgment) bool {
	return p.traces[j.TraceID] || p.sessions[j.SessionID] || p.cases[j.CaseID]
}

func (p *person) label(l *trace.Label) bool {
	return p.traces[l.TraceID] || p.sessions[l.SessionID] || p.cases[l.CaseID]
}

// An eraser takes one person out of the lake.
type eraser struct {
	lake    *Lake
	session *session
	report  *Erased
	person  *person
	missed  bool // a file was replaced before it was done with
}

// tables are those that hold people. The requests come last: who finds them gone has found
// everything else gone.
var tables = []struct {
	name  string
	erase func(*eraser, context.Context, File) error
}{
	{"contents", erase((*person).content, "trace_id")},
	{"outcomes", erase((*person).outcome, "trace_id", "session_id", "user_id")},
	{"judgments", erase((*person).judgment, "trace_id", "session_id", "case_id")},
	{"labels", erase((*person).label, "trace_id", "session_id", "case_id")},
	{"traces", erase((*person).exchange, "session_id", "user_id")},
}

// rounds erases until no file was replaced by others under its hands. What is written after it has
// begun is not its business.
func (r *eraser) rounds(ctx context.Context, app string) error {
	for range mostRounds {
		r.missed = false
		if err := r.find(ctx, app); err != nil {
			return err
		}
		for _, t := range tables {
			files, err := r.lake.Files(t.name, app)
			if err != nil {
				return err
			}
			for _, f := range files {
				if err := r.unlessStale(f, t.erase(r, ctx, f)); err != nil {
					return err
				}
			}
		}
		if !r.missed {
			return nil
		}
	}
	return fmt.Errorf("lake %s: its files are being replaced all the time: try again when nothing else compacts it", r.lake.dir)
}

// unlessStale returns the error, unless it comes of the file having been replaced: then another
// round is needed.
func (r *eraser) unlessStale(f File, err error) error {
	if err == nil || !r.stale(f) {
		return err
	}
	r.missed = true
	return nil
}

func (r *eraser) stale(f File) bool {
	m, err := r.lake.manifest()
	return err == nil && m != nil && !m.has([]File{f})
}

// find gathers the sessions, the requests and the cases of the person.
func (r *eraser) find(ctx context.Context, app string) error {
	p := r.person
	err := r.scan(ctx, app, func(e *trace.Exchange) {
		if e.UserID == p.user && e.SessionID != "" {
			p.sessions[e.SessionID] = true
		}
	})
	if err != nil {
		return err
	}
	return r.scan(ctx, app, func(e *trace.Exchange) {
		if p.exchange(e) {
			p.traces[e.TraceID] = true
			if e.CaseID != "" {
				p.cases[e.CaseID] = true
			}
		}
	})
}

// scan reads the ids of all requests.
func (r *eraser) scan(ctx context.Context, app string, see func(*trace.Exchange)) error {
	files, err := r.lake.Files("traces", app)
	if err != nil {
		return err
	}
	for _, f := range files {
		for e, err := range readColumns[trace.Exchange](r.lake.Path(f), []string{"trace_id", "session_id", "user_id", "case_id"}) {
			if err = errors.Join(err, ctx.Err()); err != nil {
				if err := r.unlessStale(f, err); err != nil {
					return err
				}
				break
			}
			see(&e)
		}
	}
	return nil
}

// erase returns what rewrites a file without the rows that belong to the person; these columns
// tell.
func erase[T Row](owns func(*person, *T) bool, columns ...string) func(*eraser, context.Context, File) error {
	return func(r *eraser, ctx context.Context, f File) error {
		found := false
		for row, err := range readColumns[T](r.lake.Path(f), columns) {
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			if found = owns(r.person, &row); found {
				break
			}
		}
		if !found {
			return nil
		}
		key := partitionKey{f.Table, f.App, f.Date}
		h := sha256.Sum256([]byte(f.Path + "\n" + f.SHA256 + "\n" + r.session.token))
		p := newPartition(r.session, layouts[f.Table], key, compactedPrefix+hex.EncodeToString(h[:8]))
		if fits, err := r.fits(f); err != nil || !fits {
			return errors.Join(err, p.discard())
		}
		n, err := copyRows(ctx, r.lake, []File{f}, p, func(row *T) bool { return !owns(r.person, row) })
		if err == nil {
			err = r.replace(f, p, n)
		}
		return errors.Join(err, p.discard())
	}
}

// fits reports whether the file can be rewritten; where it cannot, it is on the list.
func (r *eraser) fits(f File) (bool, error) {
	file, err := open(r.lake.Path(f))
	if err != nil {
		return false, err
	}
	fits := file.fits(layouts[f.Table])
	if !fits {
		r.report.Kept = append(r.report.Kept, f.Path)
	}
	return fits, file.Close()
}

// replace puts the rest of a file in its place.
func (r *eraser) replace(f File, p *partition, rows int64) error {
	if err := p.finish(); err != nil {
		return err
	}
	var swallow []string
	if f.Batch != "" {
		swallow = append(swallow, f.Batch)
	}
	err := r.lake.locked(func(m *manifest) error {
		if !m.has([]File{f}) {
			return errStale
		}
		return r.lake.publish(m, p.stem, p.files, []File{f}, swallow)
	})
	if err == nil {
		r.report.Files++
		r.report.Rows[f.Table] += rows
	}
	return err
}

// Total returns how many rows were erased.
func (e Erased) Total() (rows int64) {
	for n := range maps.Values(e.Rows) {
		rows += n
	}
	return rows
}
