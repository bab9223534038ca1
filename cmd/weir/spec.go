package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"weir/internal/app"
	"weir/rollout/spec"
)

const defaultSpec = "weir.yaml"

func newInit() *cobra.Command {
	return &cobra.Command{
		Use: "init [FILE]", Short: "write a release spec to start from",
		Long: "Write an annotated release spec to FILE, weir.yaml unless named. A file that is there already is not touched.",
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			path := specPath(args)
			if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
				return usage("%s is there already; name another file, or move it away", path)
			}
			if err := app.WriteFile(path, spec.Example()); err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "weir: wrote %s; fill in app and versions, then weir check %s\n", path, path)
			return nil
		},
	}
}

func newCheck() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use: "check [FILE]", Short: "validate a release spec",
		Long: "Validate a release spec, weir.yaml unless named, and say every fault at once with its place. The status is 2 where there is one.",
		Args: atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			if path == "" {
				path = specPath(args)
			}
			r, _, err := readSpec(path)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s is a valid spec\napp %s, release %s: %s against %s, %d metrics\npromise %s\n",
				path, r.App, r.Release, r.Candidate, r.Stable, len(r.Metrics), r.Promise())
			return nil
		},
	}
	cmd.Flags().StringVar(&path, "spec", "", "the spec, instead of an argument")
	return cmd
}

func specPath(args []string) string {
	if len(args) == 1 {
		return args[0]
	}
	return defaultSpec
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "print the JSON Schema of the release spec", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(append(spec.Schema(), '\n'))
			return err
		},
	}
}
