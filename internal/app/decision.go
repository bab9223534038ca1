package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"

	"weir/internal/control/ledger"
	"weir/rollout"
	"weir/rollout/spec"
	"weir/trace"
)

// Keep appends a record to the lake's decisions: JSON lines, a file a
// decision. A record of the same moment and release is not written twice.
func Keep(dir string, r rollout.Record) error {
	_, err := keep(dir, r)
	return err
}

// keep is Keep, and names what was kept.
func keep(dir string, r rollout.Record) (ledger.Record, error) {
	a := r.Analysis
	at := a.Period.AsOf.UTC()
	folder := filepath.Join(dir, filepath.FromSlash(trace.Partition("decisions", a.App, trace.Date(at))))
	var kept ledger.Record
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return kept, err
	}
	line, err := json.Marshal(r)
	if err != nil {
		return kept, err
	}
	line = append(line, '\n')
	name := fmt.Sprintf("%s-%s.jsonl", a.Release, at.Format("20060102T150405.000000Z"))
	sum := sha256.Sum256(line)
	kept = ledger.Record{
		Path:   trace.Partition("decisions", a.App, trace.Date(at)) + "/" + name,
		SHA256: hex.EncodeToString(sum[:]), Verdict: a.Decision.Verdict.String(),
	}
	return kept, WriteFile(filepath.Join(folder, name), line)
}

// ErrReplay says that a record does not come out the same.
var ErrReplay = errors.New("the record does not come out the same")

// Replay computes a record's analysis again from its moments and compares to the last
// digit. Where dir names its lake, the moments are read again from the files, too, and
// compared to 1e-9.
func Replay(ctx context.Context, r rollout.Record, dir string) error {
	again, err := json.Marshal(conclude(r.Data, r.Policy))
	if err != nil {
		return err
	}
	stored, err := json.Marshal(r.Analysis)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, stored) {
		return fmt.Errorf("%w: from its moments, this Weir (%s; the record is of %s) computes another analysis%s", ErrReplay, Version, r.WeirVersion, firstDifference(again, stored))
	}
	switch {
	case dir == "":
		return nil
	case r.Policy.Explored != "":
		return fmt.Errorf("from its moments the record comes out the same; from the files an exploration (%s) cannot be read again: leave out the lake", r.Policy.Explored)
	}
	return replayFiles(ctx, r, dir)
}

// replayFiles reads the record's files again.
func replayFiles(ctx context.Context, r rollout.Record, dir string) error {
	files, err := listFiles(dir)
	if err != nil {
		return err
	}
	j := Job{Lake: dir, Spec: spec.Default(r.Data.App, r.Data.Release, r.Data.Control, r.Data.Treatment), AsOf: r.Data.Period.AsOf}
	if r.Spec != "" {
		if j.Spec, err = spec.Parse("the record's spec", []byte(r.Spec)); err != nil {
			return err
		}
		j.Spec.App, j.Spec.Release = r.Data.App, r.Data.Release
	}
	if j.Spec.Promise() != r.Promise {
		return fmt.Errorf("%w: its promise is not that of its spec", ErrReplay)
	}
	if now := read(j, files); !reflect.DeepEqual(now, r.Files) {
		return fmt.Errorf("%w: the lake's files are not those that were read", ErrReplay)
	}
	j.Method, j.Layout, j.Segments = r.Data.Design.Method, r.Data.Design.Kind, r.Data.Attributes
	s := &state{}
	s.kept.Frozen = map[string]promised{}
	for _, m := range r.Data.Metrics {
		s.kept.Frozen[m.Metric.Name] = promised{definition(m.Metric), m.Frozen}
	}
	data, err := reduce(ctx, j, s)
	if err != nil {
		return err
	}
	data.Amendments = r.Data.Amendments // what looks before had seen is in no file
	for i := range data.Metrics {
		if i < len(r.Data.Metrics) {
			data.Metrics[i].Restart = r.Data.Metrics[i].Restart
		}
	}
	return compareNumbers(data, r.Data)
}

// fileTolerance is how far a number read again from the files may be off:
// parallel sums differ in their last digits.
const fileTolerance = 1e-9

// compareNumbers compares two values of one type as JSON, number by number.
func compareNumbers(a, b any) error {
	x, err := generic(a)
	if err != nil {
		return err
	}
	y, err := generic(b)
	if err != nil {
		return err
	}
	if path := differs("data", x, y); path != "" {
		return fmt.Errorf("%w: read again from the files, %s differs", ErrReplay, path)
	}
	return nil
}

func generic(v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out any
	return out, json.Unmarshal(b, &out)
}

// differs names the first place at which two values differ; empty where they agree.
func differs(path string, a, b any) string {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return path
		}
		for k, v := range a {
			if k == "warnings" {
				continue
			}
			if p := differs(path+"."+k, v, b[k]); p != "" {
				return p
			}
		}
		return ""
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return path
		}
		for i, v := range a {
			if p := differs(fmt.Sprintf("%s[%d]", path, i), v, b[i]); p != "" {
				return p
			}
		}
		return ""
	case float64:
		if b, ok := b.(float64); ok && math.Abs(a-b) <= fileTolerance*math.Max(1, math.Max(math.Abs(a), math.Abs(b))) {
			return ""
		}
		return path
	default:
		if a != b {
			return path
		}
		return ""
	}
}

// firstDifference names the first place at which two JSON texts differ.
func firstDifference(a, b []byte) string {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal(b, &y) != nil {
		return ""
	}
	if path := differs("analysis", x, y); path != "" {
		return ": " + path
	}
	return ""
}
