package spec

import (
	"fmt"
	"testing"
)

// The zero value of each enumeration is the safe one, or says that nothing is
// known.
func TestZeroValues(t *testing.T) {
	for _, c := range []struct {
		zero fmt.Stringer
		want string
	}{
		{Unit(0), "session"}, {Protocol(0), "http"}, {Fallback(0), "none"}, {From(0), ""}, {AdvanceMode(0), "manual"},
		{Role(0), "monitor"}, {Per(0), "session"}, {Agg(0), ""}, {Rows(0), "all"}, {Missing(0), "exclude"}, {Direction(0), ""},
		{MarginKind(0), "none"}, {CapKind(0), "default"}, {Method(0), "sequential"}, {Goals(0), "superior"}, {OnInvalid(0), "halt"},
		{Change(0), "refused"}, {Event(0), "step"}, {Redaction(0), "email"}, {Currency(0), "USD"},
	} {
		if got := c.zero.String(); got != c.want {
			t.Errorf("%T: got %q, want %q", c.zero, got, c.want)
		}
	}
	if (Cap{}).Written() || !(Cap{Kind: CapNone}).Written() {
		t.Error("a cap counts as written when it is not, or the reverse")
	}
}
