package main

import (
	"math"
	"strings"
	"testing"
)

// TestValidate is make validate with few runs of what is fast: it must find the same.
func TestValidate(t *testing.T) {
	if testing.Short() {
		t.Skip("simulations take some ten seconds")
	}
	for _, s := range []section{looks(120), scenarios(160), traps(160), missing(160), coverage(60), priceOf()} {
		if len(s.findings) == 0 {
			t.Errorf("%s finds nothing", s.title)
		}
		for _, f := range s.failures() {
			t.Error(f)
		}
	}
}

// TestFinding: a figure out of bounds is a failure, and so is one that is none.
func TestFinding(t *testing.T) {
	s := section{title: "Title"}
	s.add(atMost("alarms", 30, 100, .05), atMost("quiet", 2, 100, .05), finding{what: "nothing", value: math.NaN(), high: 1})
	if got := s.failures(); len(got) != 2 || !strings.Contains(got[0], "alarms") {
		t.Errorf("failures: %q", got)
	}
	if text := s.markdown(); strings.Count(text, "✕") != 2 || strings.Count(text, "●") != 1 {
		t.Errorf("%s", text)
	}
}
