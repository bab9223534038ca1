package reports

import (
	"math"
	"strconv"
	"testing"
)

// The pairs that the style sheet uses: text wants 4.5:1, marks 3:1 (WCAG 2.2,
// 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	of := map[string]colour{}
	for _, c := range palette {
		of[c.Role] = c
	}
	for _, c := range []struct {
		role, on string
		least    float64
	}{
		{"text", "ground", 4.5}, {"text", "surface", 4.5},
		{"secondary", "ground", 4.5}, {"secondary", "surface", 4.5},
		{"accent", "ground", 4.5}, {"accent", "surface", 4.5},
		{"better", "ground", 4.5}, {"worse", "ground", 4.5}, {"open", "ground", 4.5}, {"unknown", "ground", 4.5},
		{"better", "surface", 3}, {"worse", "surface", 3}, {"open", "surface", 3}, {"unknown", "surface", 3},
	} {
		for theme, pair := range map[string][2]string{"light": {of[c.role].Light, of[c.on].Light}, "dark": {of[c.role].Dark, of[c.on].Dark}} {
			if got := contrast(t, pair[0], pair[1]); got < c.least {
				t.Errorf("%s on %s, %s: %.2f:1, want %.1f:1", c.role, c.on, theme, got, c.least)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

// luminance is WCAG's relative luminance of an sRGB colour.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func TestContrastOfBlackOnWhite(t *testing.T) {
	if got := contrast(t, "#000000", "#FFFFFF"); math.Abs(got-21) > 1e-9 { // WCAG's maximum
		t.Errorf("%v", got)
	}
}
