package rollout

import (
	"encoding/json"
	"fmt"

	"weir/analyze"
)

// RecordSchema names the layout of a Record in JSON.
const RecordSchema = "weir.decision/1"

// An Analysis is a result and the verdict it leads to: what weir analyze
// writes.
type Analysis struct {
	analyze.Result
	Decision Decision `json:"decision"`
}

// A Record is a decision with everything that led to it: the promise made before,
// the files read, the moments, the estimates and the reasons. From its moments the
// analysis can be computed again to the last digit.
type Record struct {
	Schema      string `json:"schema"`
	WeirVersion string `json:"weir_version"`
	// Promise is the hash of unit, ramp, metrics and decision; Spec the file it
	// was taken from as it was written, empty where there was none.
	Promise  string       `json:"promise"`
	Spec     string       `json:"spec"`
	Policy   Policy       `json:"policy"`
	Files    []File       `json:"files"`
	Data     analyze.Data `json:"data"`
	Analysis Analysis     `json:"analysis"`
}

// A File is one file of the lake that the analysis read.
type File struct {
	Path   string `json:"path"` // relative to the lake
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// ParseRecord reads a record that a gate wrote.
func ParseRecord(raw []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(raw, &r); err != nil {
		return Record{}, fmt.Errorf("it is no decision record: %w", err)
	}
	if r.Schema != RecordSchema {
		return Record{}, fmt.Errorf("its schema is %q; this Weir reads %q", r.Schema, RecordSchema)
	}
	return r, nil
}
