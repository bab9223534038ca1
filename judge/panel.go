package judge

import (
	"math"
	"slices"
	"strings"
)

// PanelModel is the judge_model of rows that hold a panel's score.
const PanelModel = "panel"

// A Member is one model of a panel.
type Member struct {
	Name   string // of the model, as it is asked for
	Family string // whose vote it shares; empty: [FamilyOf] its name
	Model  Model
	Price  *Price // nil: unknown, and the run must be allowed to ignore it
	// NoLogProbs says that the model is not to be asked for probabilities.
	NoLogProbs bool
}

// A Panel is who judges: one model, or several with one vote a family.
type Panel struct {
	Members []Member
	// Endpoint is where they are asked, without credentials; part of the hash.
	Endpoint string
}

// FamilyOf guesses the family of a model from its name: models of one maker err
// alike, so they share a vote.
func FamilyOf(name string) string {
	name = strings.ToLower(name[strings.LastIndexByte(name, '/')+1:])
	for _, f := range families {
		if slices.ContainsFunc(f.prefixes, func(p string) bool { return strings.HasPrefix(name, p) }) {
			return f.name
		}
	}
	family, _, _ := strings.Cut(name, "-")
	return family
}

var families = []struct {
	name     string
	prefixes []string
}{
	{"openai", []string{"gpt", "o1", "o3", "o4", "chatgpt", "davinci"}},
	{"anthropic", []string{"claude"}},
	{"google", []string{"gemini", "gemma", "palm"}},
	{"meta", []string{"llama", "meta-llama", "codellama"}},
	{"mistral", []string{"mistral", "mixtral", "ministral", "magistral"}},
	{"alibaba", []string{"qwen", "qwq", "tongyi"}},
	{"zhipu", []string{"glm", "chatglm"}},
	{"moonshot", []string{"kimi", "moonshot"}},
	{"microsoft", []string{"phi"}},
}

func (m Member) family() string {
	if m.Family != "" {
		return m.Family
	}
	return FamilyOf(m.Name)
}

// combine gives every family one vote: the mean of its members' scores, then the
// mean of the families'. More than half of the families must have one.
func combine(members []Member, scores []Score) Score {
	if len(scores) == 1 {
		return scores[0]
	}
	criteria := len(scores[0].Shares)
	out := missing(criteria, "")
	out.Model, out.Mass = PanelModel, 1
	votes, families := map[string][]int{}, 0
	for i, m := range members {
		out.Spent = out.Spent.Add(scores[i].Spent)
		out.Flags = union(out.Flags, scores[i].Flags)
		if _, known := votes[m.family()]; !known {
			votes[m.family()], families = nil, families+1
		}
		if scores[i].Error == "" {
			votes[m.family()] = append(votes[m.family()], i)
			out.Mass = min(out.Mass, scores[i].Mass)
		} else if out.Error == "" {
			out.Error = scores[i].Error
		}
	}
	voting := 0
	for _, v := range votes {
		if len(v) > 0 {
			voting++
		}
	}
	if 2*voting <= families {
		out.Mass = math.NaN()
		return out
	}
	out.Error = ""
	low, high := math.Inf(1), math.Inf(-1)
	whole := func(i int) float64 { return scores[i].Whole }
	for _, v := range votes {
		if len(v) > 0 {
			m := meanOf(v, whole)
			low, high = min(low, m), max(high, m)
		}
	}
	out.Whole = vote(votes, whole)
	for c := range criteria {
		out.Shares[c] = vote(votes, func(i int) float64 { return scores[i].Shares[c] })
	}
	if high-low > .5 {
		out.Flags = union(out.Flags, []Flag{FlagSplit})
	}
	return out
}

// vote is the mean over the families that have one, of the mean over their members.
func vote(votes map[string][]int, of func(int) float64) float64 {
	sum, n := 0., 0.
	for _, family := range sortedKeys(votes) {
		if v := votes[family]; len(v) > 0 {
			sum, n = sum+meanOf(v, of), n+1
		}
	}
	return sum / n
}

func meanOf(which []int, of func(int) float64) float64 {
	sum := 0.
	for _, i := range which {
		sum += of(i)
	}
	return sum / float64(len(which))
}

func union(a, b []Flag) []Flag {
	for _, f := range b {
		if !slices.Contains(a, f) {
			a = append(slices.Clone(a), f)
		}
	}
	return a
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
