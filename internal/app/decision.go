package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"weir/collector/parquet"
	"weir/internal/atomicfile"
	"weir/internal/build"
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
	return kept, atomicfile.Write(filepath.Join(folder, name), line, 0o644)
}

// ErrReplay says that a record does not come out the same.
var ErrReplay = errors.New("the record does not come out the same")

// Replay computes a record's analysis again from its moments and compares to the last
// digit. Where dir names its lake, the moments are read again, too, from the files that the
// record names, whatever else the lake holds by now, and compared to 1e-9.
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
		return fmt.Errorf("%w: from its moments, this Weir (%s; the record is of %s) computes another analysis%s", ErrReplay, build.Version, r.WeirVersion, firstDifference(again, stored))
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
	j := Job{Lake: dir, Spec: spec.Default(r.Data.App, r.Data.Release, r.Data.Control, r.Data.Treatment), AsOf: r.Data.Period.AsOf}
	if r.Spec != "" {
		var err error
		if j.Spec, err = spec.Parse("the record's spec", []byte(r.Spec)); err != nil {
			return err
		}
		j.Spec.App, j.Spec.Release = r.Data.App, r.Data.Release
	}
	if j.Spec.Promise() != r.Promise {
		return fmt.Errorf("%w: its promise is not that of its spec", ErrReplay)
	}
	files, err := recorded(j, r.Files)
	if err != nil {
		return err
	}
	j.Method, j.Layout, j.Segments = r.Data.Design.Method, r.Data.Design.Kind, r.Data.Attributes
	data, err := reduce(ctx, j, files, stateOf(r.Data))
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

// recorded finds the files that a record names, as they were, among those that the lake
// holds now.
func recorded(j Job, names []rollout.File) ([]parquet.File, error) {
	held, err := inputs(j)
	if err != nil {
		return nil, err
	}
	at := map[string]parquet.File{}
	for _, f := range held {
		if f.App == j.Spec.App {
			at[f.Path] = f
		}
	}
	var found []parquet.File
	var lost []string
	for _, want := range names {
		f, ok := at[want.Path]
		same := ok && fileNamed(f) == want
		if same && want.SHA256 != "" { // without a manifest no checksum was known
			sum, err := fileSum(filepath.Join(j.Lake, filepath.FromSlash(f.Path)))
			if ok = !errors.Is(err, fs.ErrNotExist); ok && err != nil {
				return nil, err
			}
			same = sum == want.SHA256
		}
		switch {
		case !ok:
			lost = append(lost, want.Path+" is gone")
		case !same:
			lost = append(lost, want.Path+" has changed")
		default:
			found = append(found, f)
		}
	}
	if len(lost) == 0 {
		return found, nil
	}
	which := strings.Join(lost[:min(len(lost), shownFiles)], ", ")
	if more := len(lost) - shownFiles; more > 0 {
		which += fmt.Sprintf(", and %d more", more)
	}
	return nil, fmt.Errorf("%w: of its %d files, the lake no longer holds %d as read (compaction, retention and forget replace files): %s", ErrReplay, len(names), len(lost), which)
}

// shownFiles is how many files an error names at most.
const shownFiles = 5

// fileSum is the SHA-256 of a file's content in hexadecimal.
func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
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
