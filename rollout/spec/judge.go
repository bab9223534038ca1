package spec

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/types"
)

// A Judge is a panel of models that score dialogues by rubrics.
type Judge struct {
	Endpoint    string   // of an OpenAI-compatible service; may refer to the environment
	KeyFile     string   // file with the key; empty: OPENAI_API_KEY
	Models      []string // at least one; several make a panel, one vote a family
	Rubrics     []string // built in, or files; at least one
	Language    JudgeLanguage
	Samples     int    // of a model that gives no probabilities; the mean counts
	Anchors     string // file of frozen dialogues; empty: none
	Sample      Sample
	Budget      Budget
	Concurrency int // calls at a time
}

// A JudgeLanguage is the language that the judge is spoken to in, of rubrics
// that are built in.
type JudgeLanguage int

// The languages.
const (
	English JudgeLanguage = iota
	Chinese
)

var judgeLanguageNames = []string{"en", "zh"}

// String gives the language's name in the file, BCP 47.
func (l JudgeLanguage) String() string { return judgeLanguageNames[l] }

// A Sample is which dialogues are judged.
type Sample struct {
	Rate   Share // of mature sessions
	Strata []SampleStratum
}

// A SampleStratum is a part of the sessions with a rate of its own.
type SampleStratum struct {
	Name string
	When string // an expression of expr-lang over [Facts]
	Rate Share

	program *program
}

// Facts are what the condition of a stratum may ask about: what is known of a
// session before it is judged.
type Facts struct {
	Language, Region, Device string
	Attributes               map[string]string
	Outcomes                 map[string]float64 // 0 where nothing was reported
	Stratum                  string             // cell of constant propensity: epoch and rule
	Turns                    int
}

// Matches tells whether the stratum's condition holds. It is for strata that
// Parse made.
func (s SampleStratum) Matches(f Facts) (bool, error) {
	result, err := expr.Run(s.program.code, map[string]any{
		"language": f.Language, "region": f.Region, "device": f.Device, "attributes": f.Attributes,
		"outcomes": f.Outcomes, "stratum": f.Stratum, "turns": f.Turns,
	})
	if err != nil {
		return false, errors.New("stratum " + s.Name + ": " + firstLine(err.Error()))
	}
	return result.(bool), nil
}

// A Budget ends a run of the judge; what is exhausted first counts.
type Budget struct {
	USD     float64
	Calls   int
	Tokens  int // 0: no bound
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
	field("language", enum[JudgeLanguage](judgeLanguageNames), func(j *Judge) *JudgeLanguage { return &j.Language },
		"language of built-in rubrics"),
	field("samples", or(count, 3), func(j *Judge) *int { return &j.Samples },
		"how often a model is asked that gives no probabilities of its tokens; the mean counts"),
	field("anchors", nullable(text), func(j *Judge) *string { return &j.Anchors },
		"file of frozen dialogues, JSON lines, that every run scores again").absent("a judge that changes is not noticed"),
	field("sample", sampleKind, func(j *Judge) *Sample { return &j.Sample },
		"which dialogues are judged"),
	field("budget", budgetKind, func(j *Judge) *Budget { return &j.Budget },
		"what ends a run; what is exhausted first counts"),
	field("concurrency", or(count, 8), func(j *Judge) *int { return &j.Concurrency },
		"calls at a time"),
)

var sampleKind = object(
	field("rate", or(positiveShare, 0.1), func(s *Sample) *Share { return &s.Rate },
		"share of mature sessions; at least 5 %"),
	field("strata", list(sampleStratumKind), func(s *Sample) *[]SampleStratum { return &s.Strata },
		"parts of the sessions with rates of their own; the first that matches counts").absent("one rate for all"),
)

var sampleStratumKind = object(
	field("name", name, func(s *SampleStratum) *string { return &s.Name },
		"name of the stratum").must(),
	field("when", scalar("expression", `a condition such as 'language == "zh"'`, parseCondition, writeText, map[string]any{"type": "string"}),
		func(s *SampleStratum) *string { return &s.When },
		"condition over language, region, device, attributes, outcomes, stratum and turns (expr-lang)").must(),
	field("rate", positiveShare, func(s *SampleStratum) *Share { return &s.Rate },
		"share of these sessions; at least 5 %").must(),
)

var budgetKind = object(
	field("usd", or(positiveNumber, 5), func(b *Budget) *float64 { return &b.USD }, "dollars a run"),
	field("calls", or(count, 2000), func(b *Budget) *int { return &b.Calls }, "calls a run"),
	field("tokens", blank(count), func(b *Budget) *int { return &b.Tokens }, "tokens a run, in and out").absent("no bound of its own"),
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
	checkSample(d, r.Judge)
	if slices.ContainsFunc(r.Judge.Rubrics, IsFile) {
		return // a file names its rubric inside
	}
	for i, m := range r.Metrics {
		if rubric, _, _ := strings.Cut(m.Judge, "."); rubric != "" && !slices.Contains(r.Judge.Rubrics, rubric) {
			d.fault(item("metrics", i)+".judge", quote(rubric)+" is not one of judge.rubrics", "write "+alternatives(r.Judge.Rubrics)+", or add it there")
		}
	}
}

// minSampleRate keeps the weights of what is drawn within bounds.
const minSampleRate = 0.05

// sampleConditions are those over Facts.
func sampleConditions() conditions {
	environment := types.Map{
		"language": types.String, "region": types.String, "device": types.String, "stratum": types.String,
		"attributes": types.TypeOf(map[string]string{}), "outcomes": types.TypeOf(map[string]float64{}), "turns": types.Int,
	}
	return conditions{
		options: []expr.Option{expr.Env(environment), expr.AsBool(), expr.DisableBuiltin("now")},
		names:   slices.Sorted(maps.Keys(environment)),
	}
}

// ParseSampleStratum reads a stratum that stands in no file: its rate, a blank, its
// condition, such as 50% language == "zh".
func ParseSampleStratum(text string) (SampleStratum, error) {
	first, when, _ := strings.Cut(strings.TrimSpace(text), " ")
	rate, err := parseShare(literal{text: first})
	when = strings.TrimSpace(when)
	switch {
	case err != nil || when == "":
		return SampleStratum{}, fmt.Errorf("%q: write a rate and a condition, such as 50%% language == \"zh\"", text)
	case rate < minSampleRate:
		return SampleStratum{}, fmt.Errorf("%q: a rate below 5 %% makes single sessions weigh too much", text)
	}
	c := sampleConditions()
	code, err := expr.Compile(when, c.options...)
	if err != nil {
		problem := firstLine(err.Error())
		var at *file.Error
		if errors.As(err, &at) {
			problem = firstLine(at.Message)
		}
		return SampleStratum{}, fmt.Errorf("%s: %s; %s", when, problem, c.hint(problem))
	}
	return SampleStratum{Name: when, When: when, Rate: rate, program: &program{code: code}}, nil
}

func checkSample(d *decoder, j *Judge) {
	c := sampleConditions()
	rate := func(path string, s Share) {
		if s > 0 && s < minSampleRate {
			d.fault(path, "a rate below 5 % makes single sessions weigh too much", "write at least 5%; budget bounds what is judged")
		}
	}
	rate("judge.sample.rate", j.Sample.Rate)
	for i := range j.Sample.Strata {
		s, path := &j.Sample.Strata[i], item("judge.sample.strata", i)
		rate(under(path, "rate"), s.Rate)
		if s.When != "" {
			s.program = c.compile(d, under(path, "when"), s.When)
		}
	}
}

// IsFile tells a rubric that is a file from one that is built in.
func IsFile(rubric string) bool { return path.Ext(rubric) != "" || strings.Contains(rubric, "/") }
