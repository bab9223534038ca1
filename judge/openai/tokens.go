package openai

import (
	"math"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"weir/judge"
)

// tokensPath is where an answer holds the probabilities of its tokens: most of its
// bytes, of which a judge needs a few.
const tokensPath = "choices.0.logprobs.content"

// takeTokens reads the tokens of an answer, with the alternatives of those that read
// as one of the words (nil: of all), and cuts them out of it: the client would make
// values of all of them. It gives an answer without tokens, or that is no JSON, back
// as it is.
func takeTokens(body []byte, words []string) ([]judge.Token, []byte) {
	list := gjson.GetBytes(body, tokensPath)
	if !list.IsArray() || list.Index == 0 {
		return nil, body
	}
	out := []judge.Token{}
	list.ForEach(func(_, token gjson.Result) bool {
		t := judge.Token{Text: token.Get("token").String()}
		if words == nil || slices.Contains(words, strings.Trim(t.Text, " \t\n\"")) {
			t.Top = alternatives(token.Get("top_logprobs"))
		}
		out = append(out, t)
		return true
	})
	rest := make([]byte, 0, len(body)-len(list.Raw)+4)
	rest = append(append(append(rest, body[:list.Index]...), "null"...), body[list.Index+len(list.Raw):]...)
	return out, rest
}

func alternatives(list gjson.Result) []judge.Alternative {
	var out []judge.Alternative
	list.ForEach(func(_, a gjson.Result) bool {
		if p := a.Get("logprob").Float(); !math.IsNaN(p) && p <= 0 {
			out = append(out, judge.Alternative{Text: a.Get("token").String(), LogProb: p})
		}
		return true
	})
	return out
}
