package sim

import (
	"strings"
	"testing"
)

// Every line that a user can say has an answer, in the user's language.
func TestAnswer(t *testing.T) {
	for _, chinese := range []bool{false, true} {
		for topic := range 5 {
			for _, helped := range []bool{false, true} {
				talk := Talk{Chinese: chinese, Topic: topic, Order: 123456, Turns: 5}
				for i := range talk.Turns {
					said := talk.Say(i, helped)
					r, ok := Answer(said)
					if !ok || r.Text == "" || strings.Contains(r.Text, "%") {
						t.Errorf("%q: answered %+v, %t", said, r, ok)
					}
					if first := i == 0; first != strings.Contains(r.Text, "123456") || first != (len(r.Passages) == 2) {
						t.Errorf("turn %d, topic %d: %+v", i, topic, r)
					}
				}
			}
		}
	}
	if r, ok := Answer("Where is my order twelve? It should have been here on Monday."); ok {
		t.Errorf("answered %+v", r)
	}
}
