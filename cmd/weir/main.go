// Command weir compares two versions of an LLM application from their logs
// and says, with a stated error rate, whether the new one may take over.
//
//	weir import    bring logs in                weir analyze   the result, as table, JSON, Markdown or CSV
//	weir simulate  make traffic of known truth  weir gate      the verdict, as an exit status
//	weir query     SQL on the lake              weir report    a page that a person can open
//	weir stat      each statistic, alone        weir check     validate a release spec
//	weir judge     score dialogues by a model
//	weir replay    run cases on both versions
//
// Data go to standard output, everything else to standard error.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"

	"weir/internal/fault"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run executes one command line and returns its exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	status, message := outcome(root.ExecuteContext(ctx))
	if message != "" {
		if wantsJSON(args) {
			writeJSONError(stdout, message, status)
		}
		fault.Say(stderr, "weir", message)
	}
	return status
}
