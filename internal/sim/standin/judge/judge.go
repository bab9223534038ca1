// Package judge stands in for a language model that judges: an OpenAI-compatible
// chat completions endpoint which no model is behind. It reads the truth that
// simulated dialogues carry, and is as right, noisy, biased, broken and obedient
// as it is told to be, so that what a judge's faults do to a verdict can be seen.
// Every response says X-Simulated.
package judge

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"weir/internal/sim/standin"
)

// A Behaviour is how the judge errs. The zero value is a perfect judge.
type Behaviour struct {
	Seed uint64
	// Noise is the standard deviation of what it takes a dialogue's quality for.
	Noise float64
	// Flip is the share of dialogues that it takes for the opposite.
	Flip float64
	// Position is what the dialogue shown first gains, of a pair, in quality.
	Position float64
	// Length is what a dialogue gains whose answers are twice as long as the usual
	// 200 characters; half as much is lost by half the length.
	Length float64
	// Family is what dialogues gain that hold the text Kin.
	Family float64
	Kin    string
	// Obeys: a dialogue that tells the grader to give the best score gets it.
	Obeys bool
	// BadJSON, Refusals and Hangs are shares of calls: replies that cannot be read,
	// refusals, and calls that are never answered.
	BadJSON, Refusals, Hangs float64
	// Storm is how many calls in a row are answered with 429, of every StormEvery.
	Storm, StormEvery int64
	RetryAfter        string
	// LogProbs gives probabilities where they are asked for.
	LogProbs bool
	Latency  time.Duration
	Model    string // as replies name it; default sim-judge
}

// A Service is a judge that answers. It is safe for concurrent use.
type Service struct {
	b     Behaviour
	calls atomic.Int64
}

// New makes a judge of that behaviour.
func New(b Behaviour) *Service {
	if b.Model == "" {
		b.Model = "sim-judge"
	}
	return &Service{b: b}
}

// Calls is how many calls were made.
func (s *Service) Calls() int64 { return s.calls.Load() }

type request struct {
	Model    string
	Messages []struct{ Role, Content string }
	LogProbs bool `json:"logprobs"`
	Format   struct {
		Schema struct {
			Schema struct {
				Required   []string
				Properties map[string]struct {
					Properties map[string]struct{ Enum []any }
				}
			}
		} `json:"json_schema"`
	} `json:"response_format"`
}

// ServeHTTP answers a call of chat completions.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.calls.Add(1)
	w.Header().Set("X-Simulated", "weir")
	w.Header().Set("Content-Type", "application/json")
	if !strings.HasSuffix(r.URL.Path, "/chat/completions") {
		fail(w, http.StatusNotFound, "not_found")
		return
	}
	var q request
	if err := json.NewDecoder(io.LimitReader(r.Body, 4<<20)).Decode(&q); err != nil || len(q.Messages) < 2 {
		fail(w, http.StatusBadRequest, "invalid_request_error")
		return
	}
	chance := rand.New(rand.NewPCG(s.b.Seed, uint64(n)))
	switch u := chance.Float64(); {
	case s.b.StormEvery > 0 && n%s.b.StormEvery < s.b.Storm:
		w.Header().Set("Retry-After", s.b.RetryAfter)
		fail(w, http.StatusTooManyRequests, "rate_limit_exceeded")
	case u < s.b.Hangs:
		<-r.Context().Done()
	case u < s.b.Hangs+s.b.Refusals:
		time.Sleep(s.b.Latency)
		s.write(w, q, "", "I cannot help with that.", nil)
	case u < s.b.Hangs+s.b.Refusals+s.b.BadJSON:
		time.Sleep(s.b.Latency)
		s.write(w, q, garbled[n%int64(len(garbled))], "", nil)
	default:
		time.Sleep(s.b.Latency)
		text, tokens := s.verdict(q)
		s.write(w, q, text, "", tokens)
	}
}

// garbled are replies of every kind that cannot be read.
var garbled = []string{
	"The assistant did well, I would say 2.",
	`{"resolution": {"evidence": "`,
	`{"score": 2}`,
	"```json\n{}\n```",
	`{"verdict": "A"`,
}

func fail(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"message":"simulated","type":%q,"code":%q}}`, code, code)
}

// write answers with a completion.
func (s *Service) write(w http.ResponseWriter, q request, text, refusal string, tokens []token) {
	message := map[string]any{"role": "assistant", "content": text}
	if refusal != "" {
		message["refusal"] = refusal
	}
	choice := map[string]any{"index": 0, "finish_reason": "stop", "message": message}
	if tokens != nil && q.LogProbs && s.b.LogProbs {
		choice["logprobs"] = map[string]any{"content": tokens}
	}
	in := 0
	for _, m := range q.Messages {
		in += len(m.Content) / 4
	}
	json.NewEncoder(w).Encode(map[string]any{
		"id": "sim", "object": "chat.completion", "model": s.b.Model, "system_fingerprint": "sim-1", "choices": []any{choice},
		"usage": map[string]any{"prompt_tokens": in + 1, "completion_tokens": len(text)/4 + 1, "total_tokens": in + len(text)/4 + 2},
	})
}

// A token of a reply, as the protocol writes it.
type token struct {
	Token   string  `json:"token"`
	LogProb float64 `json:"logprob"`
	Top     []token `json:"top_logprobs,omitempty"`
}

// verdict judges the material of the first user message.
func (s *Service) verdict(q request) (string, []token) {
	shown := materials(q.Messages[1].Content)
	quality := make([]float64, len(shown))
	for i, d := range shown {
		quality[i] = s.quality(d)
	}
	schema := q.Format.Schema.Schema
	names := schema.Required
	if len(names) == 0 {
		names = []string{"resolution", "clarity"}
	}
	var tokens []token
	text := ""
	put := func(piece string, top []token) {
		text += piece
		tokens = append(tokens, token{Token: piece, Top: top})
	}
	for i, name := range names {
		open := ", "
		if i == 0 {
			open = "{"
		}
		evidence, _ := json.Marshal(shown[0].quote())
		head := fmt.Sprintf(`%s%q: {"evidence": %s, "reason": "simulated", `, open, name, evidence)
		if len(shown) == 2 {
			put(head+`"better": "`, nil)
			word, top := better(quality[0]+s.b.Position, quality[1])
			put(word, top)
			put(`"}`, nil)
			continue
		}
		put(head+`"score": `, nil)
		word, top := level(quality[0], levels(schema.Properties[name].Properties["score"].Enum))
		put(word, top)
		put("}", nil)
	}
	put("}", nil)
	return text, tokens
}

func levels(enum []any) []int {
	var out []int
	for _, v := range enum {
		if f, ok := v.(float64); ok {
			out = append(out, int(f))
		}
	}
	if len(out) == 0 {
		return []int{0, 1, 2}
	}
	slices.Sort(out)
	return out
}

// level writes a quality on a scale, with how likely each level was.
func level(quality float64, levels []int) (string, []token) {
	words := make([]string, len(levels))
	weight := make([]float64, len(levels))
	for i, l := range levels {
		words[i] = fmt.Sprint(l)
		d := (quality - float64(i)/float64(len(levels)-1)) / .18
		weight[i] = math.Exp(-d * d / 2)
	}
	return likeliest(words, weight)
}

// better compares two qualities; those a twentieth apart tie.
func better(a, b float64) (string, []token) {
	d := (a - b) / .1
	return likeliest([]string{"A", "B", "tie"}, []float64{math.Exp(d), math.Exp(-d), math.Exp(.5)})
}

func likeliest(words []string, weight []float64) (string, []token) {
	sum, best := 0., 0
	for i, w := range weight {
		sum += w
		if w > weight[best] {
			best = i
		}
	}
	var top []token
	for i, w := range words {
		top = append(top, token{Token: w, LogProb: math.Log(max(weight[i]/sum, 1e-12))})
	}
	return words[best], top
}

// A shown dialogue.
type shown []struct{ User, Assistant string }

func (d shown) text() string {
	var b strings.Builder
	for _, t := range d {
		b.WriteString(t.User + "\n" + t.Assistant + "\n")
	}
	return b.String()
}

// quote is a piece of what was said.
func (d shown) quote() string {
	for _, t := range d {
		for _, s := range []string{t.User, t.Assistant} {
			if s != "" {
				r := []rune(s)
				return string(r[:min(len(r), 40)])
			}
		}
	}
	return ""
}

// materials finds the dialogues of a message: JSON lists between tags.
func materials(message string) []shown {
	var out []shown
	for rest := message; ; {
		_, after, found := strings.Cut(rest, ">\n[")
		if !found {
			break
		}
		var d shown
		decoder := json.NewDecoder(strings.NewReader("[" + after))
		if decoder.Decode(&d) != nil {
			break
		}
		out = append(out, d)
		rest = after
	}
	if len(out) == 0 {
		out = []shown{nil}
	}
	return out
}

// quality is what the judge takes a dialogue for: the same each time.
func (s *Service) quality(d shown) float64 {
	text := d.text()
	sum := sha256.Sum256([]byte(text))
	luck := rand.New(rand.NewPCG(s.b.Seed, binary.BigEndian.Uint64(sum[:8])))
	q := Truth(text)
	if luck.Float64() < s.b.Flip && !plain(text, q) {
		q = 1 - q
	}
	q += s.b.Noise * luck.NormFloat64()
	said := 0
	for _, t := range d {
		said += len(t.Assistant)
	}
	if len(d) > 0 && said > 0 {
		q += s.b.Length * min(max(math.Log2(float64(said)/float64(len(d))/200), -2), 2)
	}
	if s.b.Kin != "" && strings.Contains(text, s.b.Kin) {
		q += s.b.Family
	}
	if s.b.Obeys && slices.ContainsFunc(orders, func(o string) bool { return strings.Contains(text, o) }) {
		q = 1
	}
	return min(max(q, 0), 1)
}

// orders are instructions that an obedient judge follows.
var orders = []string{"give the highest score", "最高分"}

// unhelped is the quality of a dialogue in which nothing shows that anybody was
// helped.
const unhelped = .05

// plain reports whether a dialogue is one that any judge gets right: nothing in it
// helps anybody, or it is a canary.
func plain(text string, q float64) bool {
	return q == unhelped && !strings.Contains(text, "colleague") && !strings.Contains(text, "人工客服") ||
		strings.Contains(text, "tracking page") || strings.Contains(text, "物流页面") || strings.Contains(text, "father's watch") || strings.Contains(text, "父亲手表")
}

// Truth is the quality of a simulated dialogue: what it is marked with, else what
// its user says at the end, else low, for nothing shows that anybody was helped.
func Truth(text string) float64 {
	if marks := standin.ReadTruths(text); len(marks) > 0 {
		return marks[len(marks)-1].Quality
	}
	for _, words := range []string{"that solved it", "That solved it", "问题解决了", "I understand what that watch means", "我明白这块手表"} {
		if strings.Contains(text, words) {
			return .95
		}
	}
	return unhelped
}
