package spec

import "slices"

// Jobs is when a server runs jobs beside the traffic: cron expressions, @daily and
// its like, or @every; empty: never.
type Jobs struct {
	Judge, Analyze, Compact, Retention string
	Timezone                           string
}

// never is what a job that is not to be done has for a schedule.
const never = "never"

// jobSchedule is a schedule, or never, which is the empty one.
var jobSchedule = scalar("schedule | never", `a cron expression such as "0 3 * * *", @daily, "@every 10m" or never`, func(l literal) (string, error) {
	if l.text == never {
		return "", nil
	}
	return parseSchedule(l)
}, func(v string) any {
	if v == "" {
		return never
	}
	return v
}, map[string]any{"type": "string"})

// inForm is the kind that is written in another way.
func inForm[T any](of kind[T], write func(T) any) kind[T] {
	of.write = write
	return of
}

var jobsKind = object(
	field("judge", or(inForm(jobSchedule, writeText), ""), func(j *Jobs) *string { return &j.Judge },
		"when to judge").absent("judging is started by hand or by another scheduler"),
	field("analyze", or(jobSchedule, "@every 10m"), func(j *Jobs) *string { return &j.Analyze },
		"when to analyse and steer"),
	field("compact", or(jobSchedule, "@every 1h"), func(j *Jobs) *string { return &j.Compact },
		"when to merge the lake's small files"),
	field("retention", or(jobSchedule, "@daily"), func(j *Jobs) *string { return &j.Retention },
		"when to remove what is older than retention says"),
	field("timezone", or(timezone, "UTC"), func(j *Jobs) *string { return &j.Timezone },
		"time zone of the jobs; an expression may begin with CRON_TZ=Zone"),
)

// A Scheduled is a job that has a time.
type Scheduled struct{ Name, Schedule string }

// Scheduled are the jobs that have a time, by name; judging only where there is a judge.
func (r *Release) Scheduled() []Scheduled {
	j := r.Jobs
	if r.Judge == nil {
		j.Judge = ""
	}
	all := []Scheduled{{"analyze", j.Analyze}, {"compact", j.Compact}, {"judge", j.Judge}, {"retention", j.Retention}}
	return slices.DeleteFunc(all, func(s Scheduled) bool { return s.Schedule == "" })
}
