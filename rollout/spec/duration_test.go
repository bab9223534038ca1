package spec

import (
	"regexp"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
	}{
		{"0s", 0}, {"0", 0}, {"50ms", 50 * time.Millisecond}, {"1h30m", 90 * time.Minute}, {"24h", 24 * time.Hour},
		{"28d", 28 * 24 * time.Hour}, {"1d12h", 36 * time.Hour}, {"0d", 0}, {"1.5h", 90 * time.Minute},
	} {
		if got, err := parseDuration(c.text); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.text, got, err, c.want)
		}
	}
	for _, text := range []string{"", "5", "d", "-1s", "1d-2h", "1.5d", "1d2d", "1y", "36601d", "99999d", "999999999d", "2562047h", "3000000000h"} {
		if got, err := parseDuration(text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

// TestDurationPattern holds the schema to what is read: an editor marks no duration that
// is one, and marks those in a unit that is none.
func TestDurationPattern(t *testing.T) {
	pattern := regexp.MustCompile(durationSchema["pattern"].(string))
	for _, text := range []string{"0", "0s", "50ms", "1h30m", "28d", "1d12h", "1.5h", ".5h", "+1h", "1d+2h", "3d0", "2us", "2µs", "7ns"} {
		if _, err := parseDuration(text); err != nil || !pattern.MatchString(text) {
			t.Errorf("%s is read with %v, and taken: %v", text, err, pattern.MatchString(text))
		}
	}
	for _, text := range []string{"1day", "1w", "24H", "24", "-1h", "1 h", "1y", "two hours", "5%"} {
		if _, err := parseDuration(text); err == nil || pattern.MatchString(text) {
			t.Errorf("%s is read with %v, and taken: %v", text, err, pattern.MatchString(text))
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for want, v := range map[string]time.Duration{
		"0s": 0, "50ms": 50 * time.Millisecond, "10s": 10 * time.Second, "10m": 10 * time.Minute, "1m30s": 90 * time.Second,
		"20h": 20 * time.Hour, "24h": 24 * time.Hour, "72h": 72 * time.Hour, "7d": 7 * 24 * time.Hour, "400d": 400 * 24 * time.Hour, "169h": 169 * time.Hour,
		"1h0m5s": time.Hour + 5*time.Second,
	} {
		if got := formatDuration(v); got != want {
			t.Errorf("%v: got %s, want %s", v, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]time.Duration{time.Nanosecond, time.Millisecond, time.Second, time.Minute, time.Hour, day}).Draw(t, "unit")
		v := unit * time.Duration(rapid.Int64Range(0, int64(longest/day)).Draw(t, "n"))
		if got, err := parseDuration(formatDuration(v)); err != nil || got != v {
			t.Fatalf("%v is written %s and read as %v, %v", v, formatDuration(v), got, err)
		}
	})
}
