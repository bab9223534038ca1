package judge

import (
	"strings"
	"testing"
)

func TestBuiltins(t *testing.T) {
	names := Builtins()
	if got := strings.Join(names, " "); got != "groundedness helpfulness policy-adherence support-quality tone" {
		t.Fatalf("built in are %s", got)
	}
	for _, name := range names {
		en, err := Builtin(name, "en")
		if err != nil {
			t.Fatal(err)
		}
		zh, err := Builtin(name, "zh")
		if err != nil {
			t.Fatal(err)
		}
		if en.Name != name || zh.Name != name || en.Language != "en" || zh.Language != "zh" {
			t.Errorf("%s: names %s and %s, languages %s and %s", name, en.Name, zh.Name, en.Language, zh.Language)
		}
		if len(en.Criteria) != len(zh.Criteria) {
			t.Fatalf("%s asks %d questions in English and %d in Chinese", name, len(en.Criteria), len(zh.Criteria))
		}
		for i, c := range en.Criteria {
			o := zh.Criteria[i]
			if c.Name != o.Name || c.Weight != o.Weight || len(c.Levels) != len(o.Levels) {
				t.Errorf("%s: criterion %s is another one in Chinese", name, c.Name)
			}
			if c.Share(float64(c.Levels[0].Value)) != 0 || c.Share(float64(c.Levels[len(c.Levels)-1].Value)) != 1 {
				t.Errorf("%s.%s does not reach from 0 to 1", name, c.Name)
			}
		}
		if len(en.Canaries) == 0 || len(zh.Canaries) == 0 {
			t.Errorf("%s has no canaries", name)
		}
	}
	if _, err := Builtin("resolution", "en"); err == nil || !strings.Contains(err.Error(), "support-quality") {
		t.Errorf("an unknown rubric: %v", err)
	}
}
