package reports

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes the analysis with its decision, weir.analysis/1, indented. A
// number that cannot be had is null.
func (r Report) JSON(w io.Writer) error { return writeJSON(w, r.record.Analysis) }

// RecordJSON writes the whole decision record, weir.decision/1, indented.
func (r Report) RecordJSON(w io.Writer) error { return writeJSON(w, r.record) }

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("reports: %w", err)
	}
	return nil
}
