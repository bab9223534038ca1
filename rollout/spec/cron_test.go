package spec

import "testing"

// What is accepted, the standard parser of github.com/robfig/cron/v3 v3.0.1
// accepts. It is laxer: it takes signs, empty list elements, an empty time zone,
// and rounds what is below a second.
func TestParseSchedule(t *testing.T) {
	for _, text := range []string{
		"0 3 * * *", "*/5 0-23/2 1,15 jan-MAR,12 ? ", "59 23 31 12 6", "0 0 * * sun",
		"CRON_TZ=Asia/Shanghai 0 3 * * *", "@every 10m", "@every 1h30m", "@daily", "@yearly",
	} {
		if got, err := parseSchedule(literal{text: text}); err != nil || got != text {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "daily", "@reboot", "@every", "@every 10", "@every -1m", "@every 10ms", "0 3 * *", "0 0 3 * * *",
		"60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 7", "* * * foo *", "5-1 * * * *", "*/0 * * * *",
		"*/x * * * *", "1- * * * *", "+1 * * * *", ", * * * *", "CRON_TZ= 0 3 * * *", "CRON_TZ=Mars/Olympus 0 3 * * *", "CRON_TZ=UTC",
	} {
		if _, err := parseSchedule(literal{text: text}); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}
