package openai

import (
	client "github.com/sashabaranov/go-openai"

	"weir/judge"
)

// read takes a reply out of an answer of status 200, which may still be none.
func read(a client.ChatCompletionResponse, seen *exchange) (judge.Reply, error) {
	out := judge.Reply{Model: a.Model, Fingerprint: a.SystemFingerprint, Usage: usage(a.Usage)}
	fail := func(f judge.Fault, detail string) (judge.Reply, error) {
		return judge.Reply{}, &judge.Failure{Fault: f, Status: seen.status, After: seen.after, Usage: out.Usage, Detail: detail}
	}
	if len(a.Choices) == 0 { // an error inside 200 also ends here
		if f, detail := inner(seen.body); f != "" {
			return fail(f, detail)
		}
		return fail(judge.Garbled, "an answer without a choice")
	}
	c := a.Choices[0]
	switch {
	case c.Message.Refusal != "":
		return fail(judge.Refused, "")
	case c.FinishReason == client.FinishReasonContentFilter:
		return fail(judge.Filtered, "")
	case c.FinishReason == client.FinishReasonLength:
		return fail(judge.Cut, "")
	case c.Message.Content == "":
		return fail(judge.Garbled, "a reply without text")
	}
	out.Text, out.Tokens = c.Message.Content, seen.tokens
	return out, nil
}

// usage takes counts of zero for unknown ones: no call takes no token.
func usage(u client.Usage) judge.Usage {
	out := judge.Usage{Known: u.PromptTokens > 0, Input: int64(u.PromptTokens), Output: int64(u.CompletionTokens)}
	if u.PromptTokensDetails != nil {
		out.Cached = min(max(int64(u.PromptTokensDetails.CachedTokens), 0), out.Input)
	}
	if out.Input < 0 || out.Output < 0 {
		return judge.Usage{}
	}
	return out
}
