package live

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// Whether assignments are written down is told when it changes, and once.
func TestTellAlone(t *testing.T) {
	var log bytes.Buffer
	l := &Live{options: Options{Log: slog.New(slog.NewTextHandler(&log, nil))}}
	told := false
	for _, alone := range []bool{false, true, true, false, false, true} {
		told = l.tellAlone(alone, told)
	}
	if n := strings.Count(log.String(), "cannot be written down"); n != 2 {
		t.Errorf("told %d times that they are not, want 2", n)
	}
	if n := strings.Count(log.String(), "written down again"); n != 1 {
		t.Errorf("told %d times that they are again, want 1", n)
	}
}
