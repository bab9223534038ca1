package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"weir/internal/control"
	"weir/internal/control/client"
	"weir/internal/control/ledger"
	"weir/rollout/spec"
)

var steerFormats = []string{"table", "json"}

// steerFlags are those of the commands that steer a running server.
type steerFlags struct{ server, tokenFile, app, format, reason string }

func (f *steerFlags) add(cmd *cobra.Command, withReason bool) {
	flags := cmd.Flags()
	flags.StringVar(&f.server, "server", "http://127.0.0.1:8081", "URL of the control plane")
	flags.StringVar(&f.tokenFile, "token-file", "", "file that holds the token (default: WEIR_TOKEN)")
	flags.StringVar(&f.app, "app", "", "application (default: the spec's in weir.yaml)")
	flags.StringVar(&f.format, "format", "table", strings.Join(steerFormats, ", "))
	if withReason {
		flags.StringVar(&f.reason, "reason", "", "why, for the history")
	}
}

// client makes the client that the flags describe.
func (f *steerFlags) client() (client.Client, error) {
	c := client.Client{Server: f.server, App: f.app, Token: os.Getenv("WEIR_TOKEN")}
	if err := checkFormat(f.format, steerFormats...); err != nil {
		return c, err
	}
	if !strings.HasPrefix(f.server, "http://") && !strings.HasPrefix(f.server, "https://") {
		return c, usage("--server %q: write a URL such as http://127.0.0.1:8081", f.server)
	}
	if f.tokenFile != "" {
		raw, err := os.ReadFile(f.tokenFile)
		if err != nil {
			return c, usage("--token-file: %v", err)
		}
		c.Token = strings.TrimSpace(string(raw))
	}
	if strings.ContainsFunc(c.Token, unicode.IsSpace) {
		return c, usage("the token has several words: the file of --token-file, or WEIR_TOKEN, holds the token alone, without its name and scopes")
	}
	if c.App == "" {
		r, _, err := readSpec(defaultSpec)
		if err != nil {
			return c, usage("name the application with --app; no spec says it: %v", err)
		}
		c.App = r.App
	}
	return c, checkNames([]flagName{{"--app", c.App}})
}

func newStatus() *cobra.Command {
	var f steerFlags
	cmd := &cobra.Command{
		Use: "status", Short: "show what a running release has come to", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.client()
			if err != nil {
				return err
			}
			d, err := c.Deployment(cmd.Context())
			if err != nil {
				return err
			}
			v, err := c.Verdict(cmd.Context())
			if err != nil {
				return err
			}
			j, err := c.Jobs(cmd.Context())
			if err != nil {
				return err
			}
			w, err := c.Webhooks(cmd.Context())
			if err != nil {
				return err
			}
			a, err := c.Autopilot(cmd.Context())
			if err != nil {
				return err
			}
			if f.format == "json" {
				v.Record = nil
				return writeJSON(cmd.OutOrStdout(), map[string]any{"deployment": d, "autopilot": a, "verdict": v, "jobs": j, "webhooks": w})
			}
			out := cmd.OutOrStdout()
			return cmp.Or(statusTable(out, d, a, v), jobsTable(out, j), webhooksTable(out, w))
		},
	}
	f.add(cmd, false)
	return cmd
}

func newRamp() *cobra.Command {
	var f steerFlags
	cmd := &cobra.Command{
		Use: "ramp [SHARE]", Short: "set the candidate's share, or take the next step",
		Long: `Set the candidate's share, such as 5% or 0.05; 0 sends no new unit there. Without
a share, take the next step of the spec's ramp. Either pauses the autopilot: weir
resume lets it go on from there.`,
		Example: "  weir ramp 5% --app support-bot --reason \"looks well\"\n  weir ramp --app support-bot",
		Args:    atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.client()
			if err != nil {
				return err
			}
			wanted, err := shareOf(args)
			if err != nil {
				return err
			}
			seen, err := c.Deployment(cmd.Context())
			if err != nil {
				return err
			}
			share, err := target(wanted, seen)
			if err != nil {
				return err
			}
			d, err := c.Share(cmd.Context(), seen, share, f.reason)
			if now, climbed := climbedBefore(cmd.Context(), c, seen, err); climbed && wanted != nil {
				seen = now
				d, err = c.Share(cmd.Context(), seen, share, f.reason)
			}
			return f.done(cmd.OutOrStdout(), seen, d, err)
		},
	}
	f.add(cmd, true)
	return cmd
}

// overtaken reports whether a call was not carried out because somebody came first.
func overtaken(err error) bool {
	var refused *client.Error
	return errors.As(err, &refused) && refused.Status == http.StatusPreconditionFailed
}

// climbedBefore gives the release as it is now where all that came first is one step of the
// ramp's own, as right after the start: a share that a person names goes before it.
func climbedBefore(ctx context.Context, c client.Client, seen control.Deployment, err error) (now control.Deployment, climbed bool) {
	if !overtaken(err) {
		return now, false
	}
	now, err = c.Deployment(ctx)
	return now, err == nil && now.Changed.Kind == string(ledger.KindStep) && now.Changed.Seq == seen.Changed.Seq+1
}

// shareOf reads a share such as 5% or 0.05; nil where there is none.
func shareOf(args []string) (*float64, error) {
	if len(args) == 0 {
		return nil, nil
	}
	text, percent := strings.CutSuffix(args[0], "%")
	v, err := strconv.ParseFloat(text, 64)
	if percent {
		v, err = strconv.ParseFloat(text+"e-2", 64)
	}
	if err != nil || !(v >= 0 && v <= 1) {
		return nil, usage("share %q: write a percentage such as 5%%, or a fraction from 0 to 1", args[0])
	}
	return &v, nil
}

// target is the share to set: the one that is wanted, or the ramp's next step.
func target(wanted *float64, seen control.Deployment) (float64, error) {
	switch {
	case wanted != nil:
		return *wanted, nil
	case seen.Ramp == nil:
		return 0, usage("the spec has no ramp: name the share, such as weir ramp 5%%")
	case seen.Ramp.Step == len(seen.Ramp.Steps):
		return 0, usage("the last step of the ramp is reached: weir promote takes the rest, weir rollback ends it")
	}
	return seen.Ramp.Steps[seen.Ramp.Step], nil
}

// newAction is a command that takes an action which needs no more than a reason.
func newAction(name, short, long string) *cobra.Command {
	var f steerFlags
	cmd := &cobra.Command{
		Use: name, Short: short, Long: long, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.client()
			if err != nil {
				return err
			}
			seen, err := c.Deployment(cmd.Context())
			if err != nil {
				return err
			}
			d, err := c.Act(cmd.Context(), name, f.reason)
			return f.done(cmd.OutOrStdout(), seen, d, err)
		},
	}
	f.add(cmd, true)
	return cmd
}

func newActions() []*cobra.Command {
	return []*cobra.Command{
		newAction("pause", "let the ramp stand still; the traffic goes on", "Let the ramp stand still. The traffic goes on as it is."),
		newAction("resume", "let the ramp go on; lift a halt, close a breaker", "Let the ramp go on at the next higher step. A halt is lifted and an open breaker closed, which begins a new epoch."),
		newAction("promote", "make the candidate stable", "Make the candidate stable: all new units go there. Conversations of the control arm end where they are."),
		newAction("rollback", "send everyone to the control arm", "Send everyone to the control arm, from the next request on. That is final: another attempt is a new release."),
	}
}

func newHistory() *cobra.Command {
	var f steerFlags
	var limit int
	cmd := &cobra.Command{
		Use: "history", Short: "list who changed what, and when", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := f.client()
			if err != nil {
				return err
			}
			if limit < 1 {
				return usage("--limit %d: write a number above 0", limit)
			}
			past, err := c.History(cmd.Context(), limit)
			if err != nil {
				return err
			}
			if f.format == "json" {
				return writeJSON(cmd.OutOrStdout(), past)
			}
			return historyTable(cmd.OutOrStdout(), past)
		},
	}
	f.add(cmd, false)
	cmd.Flags().IntVar(&limit, "limit", 50, "how many changes, the newest first")
	return cmd
}

// done says what an action did, and when it took effect.
func (f *steerFlags) done(w io.Writer, before, after control.Deployment, err error) error {
	if overtaken(err) {
		return fmt.Errorf("somebody changed the release meanwhile, and nothing was done: look with weir status, and decide again")
	}
	if err != nil {
		return err
	}
	if f.format == "json" {
		return writeJSON(w, after)
	}
	if after.Changed.Seq == before.Changed.Seq {
		_, err = fmt.Fprintf(w, "nothing to do: %s\n", inWords(after))
		return err
	}
	_, err = fmt.Fprintf(w, "%s\nin force since %s, change %d by %s; before: %s\n",
		inWords(after), clockTime(after.Changed.At), after.Changed.Seq, after.Changed.Actor, inWords(before))
	return err
}

// inWords says where new units go.
func inWords(d control.Deployment) string {
	switch d.State {
	case "rolled_back":
		return fmt.Sprintf("rolled back: everyone goes to %s", d.Stable)
	case "promoted":
		return fmt.Sprintf("promoted: new units go to %s", d.Version)
	case "breaker":
		return fmt.Sprintf("the breaker of %s is open (%s): everyone goes to %s", d.Version, *d.Breaker, d.Stable)
	case "halted":
		return fmt.Sprintf("halted: new units go to %s", d.Stable)
	}
	if header, ok := d.Traffic.Value.(string); ok {
		return fmt.Sprintf("%s gets requests with %q", d.Version, header)
	}
	words := fmt.Sprintf("%s gets %s of new %ss", d.Version, percentage(d.Share), d.Unit)
	if d.State == "paused" && d.Ramp != nil {
		words += ", the ramp is paused"
	}
	return words
}

// inForce is the share of new units that the candidate gets.
func inForce(p control.Past) float64 {
	switch p.State {
	case "rolled_back", "halted", "breaker":
		return 0
	case "promoted":
		return 1
	}
	return p.Share
}

func percentage(share float64) string {
	return strings.TrimSuffix(spec.Share(share).String(), "%") + " %"
}

func clockTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func statusTable(w io.Writer, d control.Deployment, a control.Autopilot, v control.Verdict) error {
	fmt.Fprintf(w, "%s %s   %s   epoch %d\n\n", d.App, d.Release, d.State, d.Epoch)
	fmt.Fprintf(w, "traffic   %s, since %s\n", inWords(d), clockTime(d.Since))
	courseLines(w, d, a)
	fmt.Fprintf(w, "verdict   %s\n", verdictLine(v))
	line := fmt.Sprintf("changed   %s by %s, %s", d.Changed.Kind, d.Changed.Actor, clockTime(d.Changed.At))
	if d.Changed.Reason != "" {
		line += ": " + d.Changed.Reason
	}
	_, err := fmt.Fprintln(w, line)
	return err
}

func verdictLine(v control.Verdict) string {
	line := strings.ToUpper(v.Verdict)
	if v.At != nil {
		line += "   at " + clockTime(*v.At)
	}
	if len(v.Reasons) > 0 {
		line += "   " + v.Reasons[0]
	}
	return line
}

// historyTable shows a change a line, and where new units went after it.
func historyTable(w io.Writer, past []control.Past) error {
	if len(past) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "change\tat\tkind\tby\t share\tepoch\trelease\treason, record")
	for _, p := range past {
		why := strings.Join(strings.Fields(p.Reason), " ")
		if p.Header != "" {
			why = strings.TrimSpace(fmt.Sprintf("requests with %q  %s", p.Header, why))
		}
		if p.Record != nil {
			why = strings.TrimSpace(why + "  (" + p.Record.Path + ")")
		}
		fmt.Fprintf(table, "%6d\t%s\t%s\t%s\t%6s\t%5d\t%s\t%s\n", p.Seq, clockTime(p.At), p.Kind, p.Actor, percentage(inForce(p)), p.Epoch, p.Release, why)
	}
	return table.Flush()
}
