package spec

import (
	"path"
	"slices"
	"strings"
)

// A Judge is a panel of models that score dialogues by rubrics.
type Judge struct {
	Endpoint    string   // of an OpenAI-compatible service; may refer to the environment
	KeyFile     string   // file with the key; empty: OPENAI_API_KEY
	Models      []string // at least one; several make a panel, one vote a family
	Rubrics     []string // built in, or files; at least one
	Sample      Sample
	Budget      Budget
	Concurrency int // calls at a time
}

// A Sample is which dialogues are judged.
type Sample struct {
	Rate Share // of mature sessions
}

// A Budget ends a run of the judge; what is exhausted first counts.
type Budget struct {
	USD     float64
	Calls   int
	Minutes float64
}

var judgeKind = object(
	field("endpoint", or(link, "${OPENAI_BASE_URL}"), func(j *Judge) *string { return &j.Endpoint },
		"URL of an OpenAI-compatible service"),
	field("key_file", nullable(text), func(j *Judge) *string { return &j.KeyFile },
		"file that holds the service's key").absent("the key is OPENAI_API_KEY of the environment"),
	field("models", list(text), func(j *Judge) *[]string { return &j.Models },
		"models that judge; several make a panel, one vote a family").must(),
	field("rubrics", list(text), func(j *Judge) *[]string { return &j.Rubrics },
		"rubrics to judge by: built in, or a file").must(),
	field("sample", sampleKind, func(j *Judge) *Sample { return &j.Sample },
		"which dialogues are judged"),
	field("budget", budgetKind, func(j *Judge) *Budget { return &j.Budget },
		"what ends a run; what is exhausted first counts"),
	field("concurrency", or(count, 8), func(j *Judge) *int { return &j.Concurrency },
		"calls at a time"),
)

var sampleKind = object(
	field("rate", or(positiveShare, 0.1), func(s *Sample) *Share { return &s.Rate },
		"share of mature sessions"),
)

var budgetKind = object(
	field("usd", or(positiveNumber, 5), func(b *Budget) *float64 { return &b.USD }, "dollars a run"),
	field("calls", or(count, 2000), func(b *Budget) *int { return &b.Calls }, "calls a run"),
	field("minutes", or(positiveNumber, 30), func(b *Budget) *float64 { return &b.Minutes }, "minutes a run"),
)

func checkJudge(d *decoder, r *Release) {
	if r.Judge == nil {
		if r.Jobs.Judge != "" {
			d.fault("jobs.judge", "there is nobody to judge", "write a judge, or remove the job")
		}
		return
	}
	wantSome(d, "judge.models", r.Judge.Models)
	wantSome(d, "judge.rubrics", r.Judge.Rubrics)
	if slices.ContainsFunc(r.Judge.Rubrics, isFile) {
		return // a file names its rubric inside
	}
	for i, m := range r.Metrics {
		if rubric, _, _ := strings.Cut(m.Judge, "."); rubric != "" && !slices.Contains(r.Judge.Rubrics, rubric) {
			d.fault(item("metrics", i)+".judge", quote(rubric)+" is not one of judge.rubrics", "write "+alternatives(r.Judge.Rubrics)+", or add it there")
		}
	}
}

func isFile(rubric string) bool { return path.Ext(rubric) != "" || strings.Contains(rubric, "/") }
