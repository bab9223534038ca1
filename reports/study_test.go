package reports

import (
	"slices"
	"strings"
	"testing"
)

// Names of metrics are the same in every language, though they are words of it too.
func TestMetricNamesStay(t *testing.T) {
	s := sheet{
		Title: "Each metric", Head: []string{"metric", "cost"}, Metrics: true, HeadMetrics: 1,
		Rows: [][]string{{"cost", "yes"}, {"latency", "no"}},
	}.said(Chinese)
	if !slices.Equal(s.Head, []string{"指标", "cost"}) || !slices.Equal(s.Rows[0], []string{"cost", "是"}) || !slices.Equal(s.Rows[1], []string{"latency", "否"}) || s.Title != "各指标" {
		t.Errorf("%+v", s)
	}
	named := newStudy(Options{Language: Chinese}, nil, studyPage{Sheets: []sheet{{Head: []string{"metric"}, Metrics: true, Rows: [][]string{{"cost"}}}}})
	var page strings.Builder
	if err := named.HTML(&page); err != nil || !strings.Contains(page.String(), `<th scope="row">cost</th>`) {
		t.Errorf("the page names it otherwise: %v", err)
	}
	plain := sheet{Head: []string{"", "share of runs"}, Rows: [][]string{{"promoted", "yes"}}}.said(Chinese)
	if plain.Rows[0][0] == "promoted" {
		t.Error("a word is left in English")
	}
}

// The look that ends a release is told from those after it, which say the same.
func TestEndOfABacktest(t *testing.T) {
	for _, l := range []Language{English, Chinese} {
		for _, word := range []string{"promote", "rollback"} {
			ends := strings.ToUpper(word)
			if said := l.Say(ends); said == l.Say(word) || l == Chinese && said == ends {
				t.Errorf("%s: %q is said as %q", l, ends, said)
			}
		}
	}
}
