package fault

import "testing"

func TestNearest(t *testing.T) {
	options := []string{"margin", "missing", "mature_after", "role", "per", "app"}
	for word, want := range map[string]string{
		"mragin": "margin", "margins": "margin", "matureafter": "mature_after", "rol": "role", "aap": "app", "pre": "per", "Margin": "margin", "after": "mature_after",
		"quantile": "", "x": "", "": "",
	} {
		if got, ok := Nearest(word, options); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", word, got, ok, want)
		}
	}
}
