package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/control"
	"weir/internal/webhook"
)

func newWebhook() *cobra.Command {
	cmd := &cobra.Command{
		Use: "webhook", Short: "try the spec's webhooks", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var specFile string
	test := &cobra.Command{
		Use: "test", Short: "send a test event to each webhook of the spec, once",
		Long: `Send an event of the type test to each webhook of the spec, signed as every event
is, and say what the receivers answer. Nothing is sent again; 1 is the exit status
where one does not take it.`,
		Example: "  HOOK_SECRET=whsec_... weir webhook test --spec weir.yaml",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, _, err := readSpec(specFile)
			if err != nil {
				return err
			}
			receivers, err := webhook.Receivers(r, nil)
			if err != nil {
				return usage("%v", err)
			}
			if len(receivers) == 0 {
				return usage("%s has no webhooks: write webhooks: [{url: \"https://...\", secret: \"${HOOK_SECRET}\"}]", specFile)
			}
			client, event := webhook.NewClient(), webhook.Test(r, time.Now())
			failed := false
			for _, x := range receivers {
				a := webhook.Call(cmd.Context(), client, x, event, time.Now())
				if a.Err != nil {
					failed = true
					fmt.Fprintf(cmd.OutOrStdout(), "▼ %s: %v\n", x.Name, a.Err)
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "● %s: it answers %d\n", x.Name, a.Status)
			}
			if failed {
				return errChecked
			}
			return nil
		},
	}
	test.Flags().StringVar(&specFile, "spec", defaultSpec, "release spec")
	cmd.AddCommand(test)
	return cmd
}

// webhooksTable shows whether receivers take what they are told.
func webhooksTable(w io.Writer, hooks []control.Webhook) error {
	if len(hooks) == 0 {
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w)
	fmt.Fprintln(table, "  webhook\ton\ttaken\twaiting\tlast call")
	for _, h := range hooks {
		fmt.Fprintf(table, "%s %s\t%s\t%d\t%d\t%s\n", hookMark(h), h.Name, strings.Join(h.On, " "), h.Delivered, h.Pending, lastCall(h))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, h := range hooks {
		if h.Error == "" {
			continue
		}
		line := fmt.Sprintf("▼ %s failed %d times in a row: %s", h.Name, h.Failures, lineOf(h.Error))
		switch {
		case h.State == "gone":
			line = fmt.Sprintf("▼ %s wants no more events (410); a reload asks it again", h.Name)
		case h.NextAt != nil:
			line += "; next call " + clockTime(*h.NextAt)
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// hookMark is ● well, ▼ failing, ○ not called yet.
func hookMark(h control.Webhook) string {
	switch {
	case h.Error != "":
		return "▼"
	case h.At == nil:
		return "○"
	}
	return "●"
}

func lastCall(h control.Webhook) string {
	if h.At == nil {
		return "never"
	}
	return clockTime(*h.At)
}
