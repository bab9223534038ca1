package jobs

import (
	"strings"
	"testing"
	"time"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// following gives the n times after a moment.
func following(s Schedule, after time.Time, n int) string {
	var out []string
	for range n {
		after = s.Next(after, after)
		out = append(out, after.UTC().Format("02 15:04"))
	}
	return strings.Join(out, ", ")
}

// Times are those of the zone; at a change of clocks, a schedule that names its
// hours keeps to the wall, and one that does not to the time that passes.
func TestNext(t *testing.T) {
	march, october := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		text, zone string
		after      time.Time
		want       string
	}{
		{"0 2 * * *", "UTC", march, "29 02:00, 30 02:00, 31 02:00"},
		{"0 2 * * *", "Asia/Shanghai", march, "28 18:00, 29 18:00, 30 18:00"},
		{"CRON_TZ=Asia/Tokyo 0 2 * * *", "Asia/Shanghai", march, "28 17:00, 29 17:00, 30 17:00"},
		{"@daily", "Asia/Shanghai", march, "28 16:00, 29 16:00, 30 16:00"},
		{"*/20 * * * *", "Asia/Kolkata", march, "28 12:10, 28 12:30, 28 12:50"},
		{"@every 10m", "Asia/Shanghai", march, "28 12:10, 28 12:20, 28 12:30"},
		// 29 March: 02:00 CET is 03:00 CEST; 25 October: 03:00 CEST is 02:00 CET.
		{"30 2 * * *", "Europe/Berlin", march, "29 01:30, 30 00:30, 31 00:30"},
		{"30 2 * * *", "Europe/Berlin", october, "25 01:30, 26 01:30, 27 01:30"},
		{"0 3 * * *", "Europe/Berlin", october, "25 02:00, 26 02:00, 27 02:00"},
		{"0 * * * *", "Europe/Berlin", march.Add(12 * time.Hour), "29 01:00, 29 02:00, 29 03:00"},
		{"0 * * * *", "Europe/Berlin", october.Add(12 * time.Hour), "25 01:00, 25 02:00, 25 03:00"},
	} {
		s, err := Parse(c.text, zone(t, c.zone), 0, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := following(s, c.after, 3); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.text, c.zone, got, c.want)
		}
	}
}

// A time is put off by a part of the jitter, the same for everybody who asks, other
// for other salts, and asking just before it comes does not lose it.
func TestJitter(t *testing.T) {
	begin := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	seen := map[time.Duration]bool{}
	for _, salt := range []string{"judge", "analyze", "compact", "retention"} {
		s, err := Parse("0 * * * *", nil, 30*time.Second, salt)
		if err != nil {
			t.Fatal(err)
		}
		at := begin.Add(30 * time.Second)
		for hour := 1; hour <= 48; hour++ {
			next := s.Next(at, at)
			late := next.Sub(begin.Add(time.Duration(hour) * time.Hour))
			if late < 0 || late >= 30*time.Second {
				t.Fatalf("%s is put off by %v", salt, late)
			}
			if again := s.Next(next.Add(-time.Second), at); !again.Equal(next) {
				t.Fatalf("%s comes at %v or %v", salt, next, again)
			}
			seen[late] = true
			at = next
		}
	}
	if len(seen) < 20 {
		t.Errorf("there are %d different delays", len(seen))
	}
}

// By @every, a job that a restart kept waiting is due at once; times that passed
// while it was being done are left out.
func TestEvery(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s, err := Parse("@every 10m", nil, time.Minute, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		began       time.Time
		next, first time.Duration
	}{
		{time.Time{}, 10 * time.Minute, 10 * time.Minute},
		{now.Add(-4 * time.Minute), 6 * time.Minute, 6 * time.Minute},
		{now.Add(-25 * time.Minute), 5 * time.Minute, 0},
		{now.Add(time.Hour), 10 * time.Minute, 10 * time.Minute}, // the clock was set back
	} {
		if got := s.Next(now, c.began).Sub(now); got != c.next {
			t.Errorf("begun at %v, it comes in %v, want %v", c.began, got, c.next)
		}
		if got := s.First(now, c.began).Sub(now); got != c.first {
			t.Errorf("begun at %v, it comes first in %v, want %v", c.began, got, c.first)
		}
	}
}

func TestParse(t *testing.T) {
	if _, err := Parse("often", nil, 0, ""); err == nil || !strings.Contains(err.Error(), `schedule "often"`) {
		t.Errorf("it says %v", err)
	}
	s, err := Parse("0 0 30 2 *", zone(t, "Asia/Shanghai"), time.Minute, "")
	if err != nil || !s.Next(time.Now(), time.Time{}).IsZero() {
		t.Errorf("30 February comes at %v, %v", s.Next(time.Now(), time.Time{}), err)
	}
}
