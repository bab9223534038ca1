// Command judge times what a call of the judge costs beside the service's own
// time, with many calls under way: from the decision to ask until the request's
// first byte is sent, and from the answer's last byte until the score is kept. The
// service is a process of its own whose answers have the size of a real one's: two
// hundred tokens, twenty alternatives to each. Its answers come as a real service's
// do, spread; and, the worst case, all at the same instant.
//
//	go run ./internal/bench/judge [-calls N] [-flight N]
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"weir/internal/answers"
	"weir/judge"
	"weir/judge/openai"
	"weir/trace"
)

// servedVariable tells a process that it is the service, and how its times spread.
const servedVariable = "WEIR_BENCH_JUDGE_SPREAD"

// median is how long the service takes for a call.
const median = 500 * time.Millisecond

func main() {
	if spread := os.Getenv(servedVariable); spread != "" {
		fail(serve(spread))
		return
	}
	calls := flag.Int("calls", 4096, "calls of a run")
	flight := flag.Int("flight", 64, "calls under way")
	flag.Parse()
	fmt.Printf("%d calls, %d under way, %v a call; %d processors\n\n", *calls, *flight, median, runtime.NumCPU())
	fmt.Printf("%-34s %10s %10s %10s %14s %12s\n", "answers come", "own mean", "own p50", "own p99", "lost of a slot", "CPU a call")
	for _, how := range []struct {
		name   string
		spread string
	}{{"spread (log-normal, sigma 0.4)", "0.4"}, {"all at once", "0"}} {
		fail(measure(how.name, how.spread, *calls, *flight))
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure judges so many dialogues, one call each.
func measure(name, spread string, calls, flight int) error {
	url, stop, err := start(spread)
	if err != nil {
		return err
	}
	defer stop()
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	rubric, err := judge.Builtin("support-quality", "en")
	if err != nil {
		return err
	}
	plain := *rubric
	plain.Canaries = nil // they come before the calls that are measured
	model, err := openai.New(openai.Options{Endpoint: url + "/v1", Model: "bench"})
	if err != nil {
		return err
	}
	runner, err := judge.New(judge.Config{
		App: "bench", Release: "r", Job: "bench", Rubric: &plain, Concurrency: flight,
		Panel:  judge.Panel{Members: []judge.Member{{Name: "bench", Model: model, Price: &judge.Price{}}}},
		Source: &source{left: calls}, Sink: nowhere{}, Cache: answers.Of(dir, "bench", "r"), Draw: rand.Uint64,
	})
	if err != nil {
		return err
	}
	used := processor()
	s, err := runner.Run(context.Background())
	if err != nil {
		return err
	}
	if s.Own.Count != calls {
		return fmt.Errorf("%d of %d calls could be timed: %+v", s.Own.Count, calls, s)
	}
	// Of a slot's time what the service did not take: queueing, and the run's end.
	lost := s.Took*time.Duration(flight)/time.Duration(calls) - s.Service.Mean
	fmt.Printf("%-34s %10s %10s %10s %14s %12s\n", name, ms(s.Own.Mean), ms(s.Own.P50), ms(s.Own.P99), ms(lost), ms((processor()-used)/time.Duration(calls)))
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }

// processor is the time that this process has used of processors.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const question, reply = "Where is my order 4711? It should have been here on Monday.", "It left our store on Friday and arrives tomorrow before noon; the parcel's number is 99-1234."

// A source has one batch of dialogues of some 2,000 characters.
type source struct{ left int }

func (s *source) Next(context.Context) (judge.Batch, error) {
	if s.left == 0 {
		return judge.Batch{}, io.EOF
	}
	b := judge.Batch{Hours: []time.Time{time.Unix(0, 0).UTC()}}
	for i := range s.left {
		b.Items = append(b.Items, judge.Item{Subject: judge.Subject{SessionID: strconv.Itoa(i)}, Arm: judge.Arm(i % 2), Probability: 1})
	}
	s.left = 0
	return b, nil
}

func (s *source) Dialogues(_ context.Context, items []judge.Item) ([][]judge.Dialogue, error) {
	out := make([][]judge.Dialogue, len(items))
	for n, i := range items {
		d := judge.Dialogue{Turns: []judge.Turn{{Input: question, Output: reply}}}
		for turn := range 6 {
			d.Turns = append(d.Turns, judge.Turn{
				Input:  fmt.Sprintf("And what of item %d of order %s? ", turn, i.Subject.SessionID) + strings.Repeat("I have waited long enough. ", 3),
				Output: fmt.Sprintf("Item %d of order %s is on its way. ", turn, i.Subject.SessionID) + strings.Repeat("You can follow it under Orders, with its number. ", 4),
			})
		}
		out[n] = []judge.Dialogue{d}
	}
	return out, nil
}

func (s *source) Total() int { return 0 }

type nowhere struct{}

func (nowhere) Publish(context.Context, judge.Batch, []trace.Judgment) error { return nil }

// start runs this program as the service.
func start(spread string) (url string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	service := exec.Command(self)
	service.Env = append(os.Environ(), servedVariable+"="+spread)
	service.Stderr = os.Stderr
	in, err := service.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := service.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := service.Start(); err != nil {
		return "", nil, err
	}
	stop = func() { _ = in.Close(); _ = service.Wait() }
	if url, err = bufio.NewReader(out).ReadString('\n'); err != nil {
		stop()
		return "", nil, fmt.Errorf("the service did not start: %w", err)
	}
	return strings.TrimSpace(url), stop, nil
}

// serve answers until its standard input ends.
func serve(spread string) error {
	sigma, err := strconv.ParseFloat(spread, 64)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	answer := completion()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = listener.Close()
	}()
	_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(time.Duration(float64(median) * math.Exp(sigma*rand.NormFloat64())))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
	}))
	return nil
}

// A token is a piece of an answer, as the protocol writes it.
type token struct {
	Token   string  `json:"token"`
	LogProb float64 `json:"logprob"`
	Bytes   []int   `json:"bytes"`
	Top     []token `json:"top_logprobs,omitempty"`
}

// completion is an answer that fits all dialogues.
func completion() []byte {
	var tokens []token
	text := ""
	put := func(piece string) {
		text += piece
		t := token{Token: piece, LogProb: -.05, Bytes: bytesOf(piece)}
		for i := range 20 {
			other := piece
			if i > 0 {
				other = fmt.Sprint(" w", i)
			}
			t.Top = append(t.Top, token{Token: other, LogProb: -.05 - float64(i), Bytes: bytesOf(other)})
		}
		tokens = append(tokens, t)
	}
	words := func(s string) {
		for _, w := range strings.SplitAfter(s, " ") {
			put(w)
		}
	}
	for i, criterion := range []string{"resolution", "clarity"} {
		words([]string{"{", ", "}[i] + `"` + criterion + `": {"evidence": "` + reply + `", "reason": "`)
		words(strings.Repeat("the user got what they came for and can act on it ", 6) + `", "score": `)
		put("2")
		put("}")
	}
	put("}")
	b, err := json.Marshal(map[string]any{
		"id": "bench", "object": "chat.completion", "model": "bench",
		"choices": []any{map[string]any{"index": 0, "finish_reason": "stop", "message": map[string]any{"role": "assistant", "content": text}, "logprobs": map[string]any{"content": tokens}}},
		"usage":   map[string]any{"prompt_tokens": 1200, "completion_tokens": len(tokens), "total_tokens": 1200 + len(tokens)},
	})
	fail(err)
	return b
}

func bytesOf(s string) []int {
	out := make([]int, len(s))
	for i := range len(s) {
		out[i] = int(s[i])
	}
	return out
}
