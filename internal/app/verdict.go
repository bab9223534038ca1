package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"weir/internal/control"
	"weir/internal/pilot"
	"weir/rollout"
)

// A LatestVerdict is the verdict of the newest decision record that the lake
// holds of the release in force.
type LatestVerdict struct {
	Lake string // folder
	// Look is the file of an autopilot's latest look, which counts where it is newer;
	// empty: there is none.
	Look string
	// Current names the app and the release in force.
	Current func() (app, release string)
}

var _ control.VerdictSource = LatestVerdict{}

// Verdict reads the newest record. Where there is none, or none can be read, it
// is a hold that says why.
func (v LatestVerdict) Verdict(context.Context) control.Verdict {
	hold := control.Verdict{Verdict: rollout.Hold.String()}
	path, err := v.newest()
	if err != nil {
		hold.Reasons = []string{fmt.Sprintf("the decision records cannot be read: %v", err)}
		return hold
	}
	look, seen := v.look()
	if path == "" && !seen {
		hold.Reasons = []string{"nobody has looked at the release yet: weir gate does"}
		return hold
	}
	if path == "" {
		return look
	}
	kept, _, err := verdictIn(path)
	switch {
	case err == nil && (!seen || kept.At.After(*look.At)):
		return kept
	case seen:
		return look
	}
	hold.Reasons = []string{fmt.Sprintf("the newest decision record, %s, cannot be read: %v", filepath.Base(path), err)}
	return hold
}

// verdictIn is the verdict of the record in a file, and the release that it is of.
func verdictIn(path string) (v control.Verdict, release string, err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return v, "", err
	}
	record, err := rollout.ParseRecord(raw)
	if err != nil {
		return v, "", err
	}
	d, at := record.Analysis.Decision, record.Analysis.Period.AsOf
	return control.Verdict{Verdict: d.Verdict.String(), Reasons: d.Reasons, At: &at, Record: json.RawMessage(raw), Of: record.Analysis.Release, SRM: pilot.SRMOf(record)}, record.Analysis.Release, nil
}

// look is the verdict of the latest look at the release in force, and false where
// there is none that can be read.
func (v LatestVerdict) look() (control.Verdict, bool) {
	if v.Look == "" {
		return control.Verdict{}, false
	}
	look, of, err := verdictIn(v.Look)
	_, release := v.Current()
	return look, err == nil && of == release
}

// newest is the file of the newest record of the release; empty: there is none.
// The names of folders and files sort by time.
func (v LatestVerdict) newest() (string, error) {
	app, release := v.Current()
	folder := filepath.Join(v.Lake, "decisions", "app="+app)
	dates, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, date := range slices.Backward(dates) {
		files, err := os.ReadDir(filepath.Join(folder, date.Name()))
		if err != nil {
			return "", err
		}
		for _, f := range slices.Backward(files) {
			if at, ok := strings.CutPrefix(f.Name(), release+"-"); ok && isMoment(at) {
				return filepath.Join(folder, date.Name(), f.Name()), nil
			}
		}
	}
	return "", nil
}

// isMoment tells the rest of a record's name from that of a release whose name
// goes on.
func isMoment(rest string) bool {
	return len(rest) == len("20060102T150405.000000Z.jsonl") && rest[8] == 'T' && strings.HasSuffix(rest, "Z.jsonl")
}
