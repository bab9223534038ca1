package spec

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a time zone is known or not on every machine alike
)

// A cronField is one of the five fields of a cron expression.
type cronField struct {
	name     string
	min, max int
	names    []string // for min, min+1, ...
}

var cronFields = []cronField{
	{"minute", 0, 59, nil},
	{"hour", 0, 23, nil},
	{"day of month", 1, 31, nil},
	{"month", 1, 12, strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec")},
	{"day of week", 0, 6, strings.Fields("sun mon tue wed thu fri sat")},
}

const zonePrefix = "CRON_TZ="

var cronShorthands = strings.Fields("@yearly @annually @monthly @weekly @daily @midnight @hourly")

// schedule is when a job runs, empty for never; window is when something may
// run, minute by minute.
var (
	schedule = scalar("schedule", `a cron expression such as "0 3 * * *", @daily or "@every 10m"`, parseSchedule, writeText,
		map[string]any{"type": "string"})
	window = scalar("cron expression", `a cron expression of five fields, such as "* 9-17 * * mon-fri"`, parseCron, writeText,
		map[string]any{"type": "string"})
)

func parseSchedule(l literal) (string, error) {
	if every, ok := strings.CutPrefix(l.text, "@every "); ok {
		if v, err := time.ParseDuration(every); err != nil || v < time.Second {
			return "", errors.New("needs a duration of a second or more")
		}
		return l.text, nil
	}
	if slices.Contains(cronShorthands, l.text) {
		return l.text, nil
	}
	return parseCron(l)
}

// parseCron checks the form: minute, hour, day of month, month, day of week,
// perhaps after a CRON_TZ=Zone.
func parseCron(l literal) (string, error) {
	fields := strings.Fields(l.text)
	if len(fields) > 0 && strings.HasPrefix(fields[0], zonePrefix) {
		if !isZone(strings.TrimPrefix(fields[0], zonePrefix)) {
			return "", errors.New("has an unknown time zone")
		}
		fields = fields[1:]
	}
	if len(fields) != len(cronFields) {
		return "", errors.New("does not have five fields")
	}
	for i, f := range cronFields {
		for part := range strings.SplitSeq(fields[i], ",") {
			if !f.matches(part) {
				return "", fmt.Errorf("has %q as its %s, which goes from %d to %d", part, f.name, f.min, f.max)
			}
		}
	}
	return l.text, nil
}

// matches tells whether part is *, n or n-m, perhaps with a /step.
func (f cronField) matches(part string) bool {
	span, step, stepped := strings.Cut(part, "/")
	if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1) {
		return false
	}
	if span == "*" || span == "?" {
		return true
	}
	from, to, ranged := strings.Cut(span, "-")
	if !ranged {
		to = from
	}
	first, ok1 := f.value(from)
	last, ok2 := f.value(to)
	return ok1 && ok2 && first <= last
}

func (f cronField) value(text string) (int, bool) {
	if i := slices.Index(f.names, strings.ToLower(text)); i >= 0 {
		return f.min + i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.min && n <= f.max && text[0] != '+'
}

// timezone is a zone of the IANA database.
var timezone = scalar("time zone", "a time zone such as UTC or Asia/Shanghai", func(l literal) (string, error) {
	if !isZone(l.text) {
		return "", errors.New("is not a time zone")
	}
	return l.text, nil
}, writeText, map[string]any{"type": "string"})

// isZone refuses the machine's own zone: a promise must not depend on the
// machine.
func isZone(text string) bool {
	_, err := time.LoadLocation(text)
	return err == nil && text != "" && text != "Local"
}
