package spec

// Jobs is when a server runs jobs beside the traffic.
type Jobs struct {
	Judge, Analyze string // cron expressions or @every; empty: never
	Timezone       string
}

var jobsKind = object(
	field("judge", schedule, func(j *Jobs) *string { return &j.Judge },
		"when to judge").absent("judging is started by hand or by another scheduler"),
	field("analyze", or(schedule, "@every 10m"), func(j *Jobs) *string { return &j.Analyze },
		"when to analyse and steer"),
	field("timezone", or(timezone, "UTC"), func(j *Jobs) *string { return &j.Timezone },
		"time zone of the jobs"),
)
