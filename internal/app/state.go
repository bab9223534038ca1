package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/analyze"
	"weir/analyze/lake"
	"weir/internal/atomicfile"
	"weir/rollout"
	"weir/rollout/spec"
	"weir/trace"
)

// stateSchema names the layout of the state of one release's analysis.
const stateSchema = "weir.analysis-state/1"

// A state is what looks at one release must agree on: what was frozen before
// the test, and how many looks there were.
type state struct {
	path string
	now  int // number of the present look
	kept struct {
		Schema string `json:"schema"`
		// Frozen is by metric; it holds for the metric as it was promised.
		Frozen map[string]promised `json:"frozen"`
		Looks  []look              `json:"looks"`
		// Spec is the specification of the last look, as the part of it that decides.
		Spec json.RawMessage `json:"spec,omitempty"`
		// Amendments are what has changed in it since the first look, Restarts how often
		// something did that starts metrics anew, Restarted those metrics' last start.
		Amendments []analyze.Amendment        `json:"amendments,omitempty"`
		Restarts   int                        `json:"restarts,omitempty"`
		Restarted  map[string]analyze.Restart `json:"restarted,omitempty"`
	}
	// amended: the present look found another specification than the last one.
	amended bool
}

// A promised is what was frozen for a metric, and the hash of the metric's definition.
type promised struct {
	Metric string         `json:"metric"`
	Frozen analyze.Frozen `json:"frozen"`
}

// A look is a distinct reading of the lake: the same files are the same look.
type look struct {
	Files string    `json:"files"`
	At    time.Time `json:"at"`
}

// openState reads the state of the job's release; none yet is no error.
func openState(j Job) (*state, error) {
	dir := j.State
	if dir == "" {
		dir = filepath.Join(j.Lake, "_state")
	}
	for _, n := range []struct{ what, name string }{{"app", j.Spec.App}, {"release", j.Spec.Release}} {
		if err := trace.CheckName(n.what, n.name); err != nil {
			return nil, err
		}
	}
	s := &state{path: filepath.Join(dir, "analysis", j.Spec.App, j.Spec.Release+".json")}
	raw, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	if err := json.Unmarshal(raw, &s.kept); err != nil {
		return nil, fmt.Errorf("state %s is damaged: %w; restore it, or move it away to freeze thresholds anew", s.path, err)
	}
	if s.kept.Schema != stateSchema {
		return nil, fmt.Errorf("state %s has layout %q, this Weir writes %q: use the Weir that wrote it", s.path, s.kept.Schema, stateSchema)
	}
	return s, nil
}

// stateOf is the state that holds what is frozen in data.
func stateOf(d analyze.Data) *state {
	s := &state{}
	s.kept.Frozen = map[string]promised{}
	for _, m := range d.Metrics {
		s.kept.Frozen[lake.FrozenName(m.Metric)] = promised{definition(m.Metric), m.Frozen}
	}
	return s
}

// frozen gives what earlier looks fixed for the metrics as they are promised now.
func (s *state) frozen(r *spec.Release) map[string]analyze.Frozen {
	out := map[string]analyze.Frozen{}
	for _, m := range r.Metrics {
		declared := metric(m, r.Unit)
		for _, corrected := range []bool{false, true} {
			declared.Corrected = corrected
			name := lake.FrozenName(declared)
			if p, ok := s.kept.Frozen[name]; ok && p.Metric == definition(declared) {
				out[name] = p.Frozen
			}
		}
	}
	return out
}

// definition hashes what a metric measures and what is frozen for it. Margins
// are left out, in thresholds too: amending one freezes nothing anew.
func definition(m analyze.Metric) string {
	m.Margin = nil
	m.Columns = slices.Clone(m.Columns)
	for i, c := range m.Columns {
		if c.Above != nil {
			m.Columns[i].Above = &analyze.Threshold{Quantile: c.Above.Quantile, OwnQuantile: c.Above.OwnQuantile}
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic("app: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// remember keeps what was frozen for good and notes the look, unless the job forgets.
// An exploration freezes nothing: it left out units. It returns a warning where the state
// cannot be written, and where a look that is forgotten should count.
func (s *state) remember(j Job, d analyze.Data, files []rollout.File) string {
	changed := false
	switch {
	case d.Design.Method == analyze.Fixed:
		changed = s.note(files, j.AsOf)
	case j.Since.IsZero():
		changed = s.amended
		for _, m := range d.Metrics {
			changed = s.freeze(m) || changed
		}
	}
	switch {
	case !changed:
		return ""
	case j.Forget && d.Design.Method == analyze.Fixed:
		return "this look is not kept, so it does not count: under a fixed method only the first look can promote, and looking until one does is no test"
	case j.Forget:
		return ""
	}
	if err := s.write(); err != nil {
		return fmt.Sprintf("what is frozen and how often was looked is not remembered: %v", err)
	}
	return ""
}

// freeze keeps what was fixed for a metric, and reports whether that is new.
func (s *state) freeze(m analyze.MetricData) bool {
	if m.Absent != "" || m.Frozen.Provisional || !m.Frozen.Spread.Known() {
		return false
	}
	id, name := definition(m.Metric), lake.FrozenName(m.Metric)
	if old, ok := s.kept.Frozen[name]; ok && old.Metric == id {
		return false
	}
	if s.kept.Frozen == nil {
		s.kept.Frozen = map[string]promised{}
	}
	s.kept.Frozen[name] = promised{id, m.Frozen}
	return true
}

// note adds a look unless its files were looked at before.
func (s *state) note(files []rollout.File, at time.Time) bool {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%d:%s%d:%s", len(f.Path), f.Path, len(f.SHA256), f.SHA256)
	}
	id := hex.EncodeToString(h.Sum(nil))
	if i := slices.IndexFunc(s.kept.Looks, func(l look) bool { return l.Files == id }); i >= 0 {
		s.now = i + 1
		return false
	}
	s.kept.Looks = append(s.kept.Looks, look{id, at})
	s.now = len(s.kept.Looks)
	return true
}

// look numbers this look under a fixed method; 0 under a sequential one.
func (s *state) look(m analyze.Method) int {
	if m == analyze.Fixed {
		return s.now
	}
	return 0
}

// write replaces the state durably.
func (s *state) write() error {
	s.kept.Schema = stateSchema
	raw, err := json.MarshalIndent(s.kept, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(s.path, append(raw, '\n'), 0o644)
}
