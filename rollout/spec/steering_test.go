package spec

import (
	"os"
	"strings"
	"testing"
)

func TestSteering(t *testing.T) {
	raw, err := os.ReadFile("testdata/every-key.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := parse(t, string(raw))
	again, err := Parse("ledger", r.Steering())
	if err != nil {
		t.Fatalf("%v in\n%s", err, r.Steering())
	}
	if changes := Amendments(r, again); len(changes) != 0 {
		t.Errorf("read back it differs: %+v", changes)
	}
	for _, secret := range []string{"Authorization", "upstream\":\"http://127"} {
		if strings.Contains(string(r.Steering()), secret) {
			t.Errorf("it tells %s", secret)
		}
	}
}

func TestHeaderRule(t *testing.T) {
	r, err := HeaderRule("flag", "x-feature-flag", `v2"\ ü`, "v2")
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]bool{`v2"\ ü`: true, "v2": false, "": false} {
		if met, err := r.Matches(Request{Headers: map[string]string{"X-Feature-Flag": value}}); err != nil || met != want {
			t.Errorf("%q: %v, %v", value, met, err)
		}
	}
	for _, bad := range [][2]string{{"", "v2"}, {"X Flag", "v2"}, {"X-Flag\n", "v2"}, {"X-Flag", ""}} {
		if _, err := HeaderRule("flag", bad[0], bad[1], "v2"); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
