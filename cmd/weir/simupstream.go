package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/sim/standin"
	"weir/internal/sim/standin/dify"
	simjudge "weir/internal/sim/standin/judge"
	"weir/internal/sim/standin/openai"
	"weir/internal/sim/standin/plain"
)

// An upstream is what the flags of sim-upstream say.
type upstream struct {
	protocol, listen, name, mode, key, faults, workflows string
	seed                                                 uint64
	latency, firstToken                                  time.Duration
	length, errorRate, resolved, handoff, quality        float64
	lengthBias                                           float64
	verbose                                              bool
}

func newSimUpstream() *cobra.Command {
	var u upstream
	cmd := &cobra.Command{
		Use:   "sim-upstream --protocol dify|openai|http|judge --listen ADDRESS",
		Short: "a stand-in application, for tutorials and tests",
		Long: `Serve an application that makes up every answer: no model is behind it, and each
response says so (X-Simulated). It speaks a real wire format, and fails, waits
and helps its users as often as it is told to, so that a release can be tried
without a real one. Every answer ends with what is true of its dialogue.

  dify     an application of Dify's service API; the key is in --key
  openai   /v1/chat/completions, responses, completions, embeddings, models
  http     POST {"session", "user", "message"} to any path
  judge    a model that judges: /v1/chat/completions for weir judge, which reads what is true

Faults: ` + faultNames() + `.`,
		Example: `  weir sim-upstream --protocol openai --listen 127.0.0.1:9001 --seed 1 --resolved 0.62
  weir sim-upstream --protocol openai --listen 127.0.0.1:9002 --seed 2 --resolved 0.68 --faults hang=1%,server_error=0.5%`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return u.serve(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&u.protocol, "protocol", "openai", "dify, openai, http or judge")
	flags.StringVar(&u.listen, "listen", "127.0.0.1:0", "address; port 0 takes a free one")
	flags.StringVar(&u.name, "name", "", "model that answers claim (default: sim-model)")
	flags.StringVar(&u.mode, "mode", string(dify.Chat), "of a Dify application: chat, agent-chat, advanced-chat, completion or workflow")
	flags.StringVar(&u.key, "key", "", "key that calls must carry (default: app-sim for dify, any for openai)")
	flags.StringVar(&u.workflows, "workflows", "", "ids of published workflows of an advanced-chat or workflow application, each with its rate of resolved dialogues: w1=0.6,w2=0.7")
	flags.Uint64Var(&u.seed, "seed", 1, "seed of all chance")
	flags.DurationVar(&u.latency, "latency", 800*time.Millisecond, "median time of an answer")
	flags.DurationVar(&u.firstToken, "first-token", 250*time.Millisecond, "median time to its first piece")
	flags.Float64Var(&u.length, "tokens", 0, "median length of an answer (default: what the script says)")
	flags.Float64Var(&u.errorRate, "error-rate", 0, "share of requests answered with status 500")
	flags.StringVar(&u.faults, "faults", "", "further faults and their shares, such as hang=1%,half=0.5%")
	flags.Float64Var(&u.resolved, "resolved", 0.62, "share of dialogues that are resolved")
	flags.Float64Var(&u.handoff, "handoff", 0.09, "share of dialogues that are handed to a person")
	flags.Float64Var(&u.quality, "quality", 0.6, "mean quality of a dialogue, from 0 to 1")
	flags.BoolVar(&u.verbose, "verbose", false, "answers are padded with words that say nothing")
	flags.Float64Var(&u.lengthBias, "length-bias", 0, "of a judge: what answers twice as long as usual gain in quality")
	return cmd
}

func faultNames() string {
	var names []string
	for _, f := range standin.Faults() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// behaviour checks the flags.
func (u *upstream) behaviour(address string) (b standin.Behaviour, err error) {
	faults, err := standin.ParseFaults(u.faults)
	if err != nil {
		return b, usage("--faults: %v", err)
	}
	for _, c := range []struct {
		flag  string
		value float64
	}{{"error-rate", u.errorRate}, {"resolved", u.resolved}, {"handoff", u.handoff}, {"quality", u.quality}, {"resolved and --handoff together", u.resolved + u.handoff}} {
		if !(c.value >= 0 && c.value <= 1) {
			return b, usage("--%s: %g is no share: between 0 and 1", c.flag, c.value)
		}
	}
	switch {
	case u.latency < 0 || u.firstToken < 0:
		return b, usage("--latency and --first-token are no less than 0")
	case !(u.lengthBias >= -1 && u.lengthBias <= 1):
		return b, usage("--length-bias: %g is no difference of qualities: between -1 and 1", u.lengthBias)
	case !(u.length >= 0 && u.length <= 1e6):
		return b, usage("--tokens: %g is no length: between 0 and 1000000", u.length)
	}
	faults[standin.ServerError] += u.errorRate
	return standin.Behaviour{
		Seed: u.seed, Name: address, Model: u.name, Faults: faults, PromptTokens: 400,
		FirstToken: standin.Wait{Median: u.firstToken, Sigma: 0.3}, Latency: standin.Wait{Median: u.latency, Sigma: 0.4},
		Length:   standin.Length{Median: u.length, Sigma: 0.5},
		Resolved: u.resolved, Handoff: u.handoff, Quality: u.quality, Verbose: u.verbose,
	}, nil
}

// handler makes the stand-in.
func (u *upstream) handler(b standin.Behaviour) (http.Handler, error) {
	switch u.protocol {
	case "http":
		return plain.New(b), nil
	case "openai":
		return openai.New(openai.Options{Behaviour: b, Key: u.key}), nil
	case "dify":
		return u.dify(b)
	case "judge":
		return simjudge.New(simjudge.Behaviour{Seed: u.seed, Noise: .1, Flip: .08, Length: u.lengthBias, LogProbs: true, Latency: u.latency, Model: u.name}), nil
	}
	return nil, usage("--protocol %q: dify, openai, http or judge", u.protocol)
}

func (u *upstream) dify(b standin.Behaviour) (http.Handler, error) {
	a := dify.App{Key: u.key, Mode: dify.Mode(u.mode), Behaviour: b, Workflows: map[string]standin.Behaviour{}}
	modes := []dify.Mode{dify.Chat, dify.Agent, dify.Chatflow, dify.Completion, dify.Workflow}
	if !slices.Contains(modes, a.Mode) {
		return nil, usage("--mode %q: one of %v", u.mode, modes)
	}
	if a.Key == "" {
		a.Key = "app-sim"
	}
	a.ZeroUsage = a.Mode == dify.Chatflow
	for entry := range strings.SplitSeq(u.workflows, ",") {
		id, rate, _ := strings.Cut(entry, "=")
		if entry == "" {
			continue
		}
		own := b
		own.Name += "/" + id
		if _, err := fmt.Sscan(rate, &own.Resolved); id == "" || err != nil || !(own.Resolved >= 0 && own.Resolved <= 1) {
			return nil, usage("--workflows: %q is no ID=SHARE with a share between 0 and 1", entry)
		}
		a.Workflows[id] = own
	}
	return dify.New(a), nil
}

// serve serves until the command is interrupted.
func (u *upstream) serve(cmd *cobra.Command) error {
	if _, err := u.behaviour(u.listen); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", u.listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	b, err := u.behaviour(listener.Addr().String())
	if err != nil {
		return err
	}
	h, err := u.handler(b)
	if err != nil {
		listener.Close()
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "weir: a simulated %s application listens on http://%s\n", u.protocol, listener.Addr())
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(cmd.Context(), func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
