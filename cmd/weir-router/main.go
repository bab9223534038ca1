// Command weir-router is the data plane alone: it decides which version a
// request goes to, forwards it, records it, and is steered through its control
// plane. It has no statistics and no judge: those run beside it, on its lake.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/pflag"

	"weir/internal/build"
	"weir/internal/fault"
	"weir/internal/live"
	"weir/internal/machine"
	"weir/rollout/spec"
)

// The exit statuses.
const (
	statusDone    = 0
	statusFailure = 1
	statusUsage   = 2
)

const about = `weir-router forwards the requests of one application to its versions, as a
release spec says, and records them in a lake. What is not here (analysis,
verdicts, judging) runs beside it as weir autopilot.

SIGHUP reads the spec again; SIGTERM drains, brings all into the lake, and ends
with status 0. 1 is a failure, 2 wrong usage or a fault in the spec.

Usage: weir-router --spec FILE --lake DIR [flags]

`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	status := run(ctx, hangup, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run serves until ctx is done and returns the exit status.
func run(ctx context.Context, hangup <-chan os.Signal, args []string, stdout, stderr io.Writer) int {
	err := serve(ctx, hangup, args, stdout, stderr)
	var settings live.SettingsError
	var faults spec.Faults
	var single spec.Fault
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &settings), errors.As(err, &faults), errors.As(err, &single):
		fault.Say(stderr, "weir-router", err.Error())
		return statusUsage
	}
	fault.Say(stderr, "weir-router", err.Error())
	return statusFailure
}

func serve(ctx context.Context, hangup <-chan os.Signal, args []string, stdout, stderr io.Writer) error {
	var s live.Settings
	flags := pflag.NewFlagSet("weir-router", pflag.ContinueOnError)
	flags.SetOutput(io.Discard)
	s.Flags(flags)
	version := flags.Bool("version", false, "say which version of Weir this is")
	switch err := flags.Parse(args); {
	case errors.Is(err, pflag.ErrHelp):
		_, err := fmt.Fprint(stdout, about, flags.FlagUsages())
		return err
	case err != nil:
		return live.Wrong("%v; see weir-router --help", err)
	case flags.NArg() > 0:
		return live.Wrong("argument %q is not expected; see weir-router --help", flags.Arg(0))
	}
	if *version {
		_, err := fmt.Fprintf(stdout, "weir-router version %s\n", build.Version)
		return err
	}
	if flags.Changed("healthcheck") {
		return live.Ready(ctx, s.Healthcheck)
	}
	o, err := s.Options(stderr, os.Getenv)
	if err != nil {
		return err
	}
	o.Hangup = hangup
	machine.RelaxGC()
	l, err := live.New(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "weir-router: %s\n", l.Greeting())
	return l.Run(ctx)
}
