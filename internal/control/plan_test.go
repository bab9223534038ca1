package control

import (
	"encoding/json"
	"strings"
	"testing"

	"weir/rollout/spec"
)

// Lists of a plan that have nothing are empty: pages walk them.
func TestPlanOfLittle(t *testing.T) {
	r, err := spec.Parse("weir.yaml", []byte(`
app: bot
release: first
stable: v1
candidate: v2
versions: {v1: {upstream: "http://127.0.0.1:1"}, v2: {upstream: "http://127.0.0.1:2"}}
`))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(planOf(r))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"webhooks", "attributes"} {
		if !strings.Contains(string(raw), `"`+list+`":[]`) {
			t.Errorf("%s is no empty list in %s", list, raw)
		}
	}
}
