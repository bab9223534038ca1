package spec

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	day      = 24 * time.Hour
	longest  = 100 * 366 * day // what a duration of the file may be
	daysFrom = 7 * day         // from here on a whole number of days is written in days
)

var days = regexp.MustCompile(`^([0-9]{1,5})d(.*)$`)

// parseDuration reads Go's forms, with days before them: 30s, 1h30m, 28d,
// 1d12h. A day is 24 hours.
func parseDuration(text string) (time.Duration, error) {
	rest, inDays := text, time.Duration(0)
	if m := days.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most five digits
		inDays, rest = time.Duration(n)*day, m[2]
	}
	var inRest time.Duration
	if rest != "" || text == "" {
		var err error
		if inRest, err = time.ParseDuration(rest); err != nil {
			return 0, errors.New("is not a duration")
		}
	}
	if inDays > longest || inRest < 0 || inRest > longest-inDays {
		return 0, errors.New("is out of range")
	}
	return inDays + inRest, nil
}

// formatDuration gives the shortest of the forms that parseDuration reads.
func formatDuration(v time.Duration) string {
	text := v.String()
	if v >= daysFrom && v%day == 0 {
		return strings.TrimSuffix((v/24).String(), "h0m0s") + "d"
	}
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func parseDelay(l literal) (time.Duration, error) {
	if l.number && l.text != "0" {
		return 0, errors.New("has no unit")
	}
	return parseDuration(l.text)
}

func parsePositiveDuration(l literal) (time.Duration, error) {
	v, err := parseDelay(l)
	if err == nil && v == 0 {
		err = errors.New("is out of range")
	}
	return v, err
}

func writeDuration(v time.Duration) any { return formatDuration(v) }

// durationSchema takes all that parseDuration does, and no other unit.
var durationSchema = map[string]any{"type": "string", "pattern": `^([0-9]+d)?[+]?([0-9.]+(ns|us|µs|μs|ms|s|m|h))*0?$`}

var (
	// duration is above 0; for 0 nothing was written.
	duration = blank(scalar("duration", "a duration above 0, such as 30s, 24h or 28d", parsePositiveDuration,
		writeDuration, durationSchema))
	// delay may be 0.
	delay = scalar("duration", "a duration such as 0s, 24h or 28d", parseDelay,
		writeDuration, durationSchema)
)
