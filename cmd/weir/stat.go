package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/internal/calculator"
)

func newStat() *cobra.Command {
	var list, check bool
	var format string
	cmd := &cobra.Command{
		Use:   "stat METHOD < input.json",
		Short: "each statistic as a calculator",
		Long: `Read one input as JSON from standard input and write the method's output. The
methods, their inputs and outputs are those of language-neutral vector files;
--check FILE... runs every case of such files and compares.`,
		Example: `  echo '{"observed": [5021, 4979], "weights": [0.5, 0.5]}' | weir stat stats-srm-chi2
  weir stat --list
  weir stat --check vectors/*.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format, "table", "json"); err != nil {
				return err
			}
			switch {
			case list && check:
				return usage("--list and --check are two questions: ask one")
			case list:
				if format == "json" {
					return writeJSON(cmd.OutOrStdout(), calculator.Names())
				}
				return listMethods(cmd.OutOrStdout())
			case check && len(args) == 0:
				return usage("--check needs vector files")
			case check:
				return checkVectors(cmd.OutOrStdout(), args, format)
			case len(args) != 1:
				return usage("name one method; weir stat --list shows them")
			}
			err := calculator.Run(args[0], cmd.InOrStdin(), cmd.OutOrStdout())
			if errors.Is(err, calculator.ErrUnknown) {
				return usage("%v%s", err, hint(args[0], calculator.Names()))
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&list, "list", false, "list the methods, and what each is")
	cmd.Flags().BoolVar(&check, "check", false, "run the cases of vector files and compare")
	cmd.Flags().StringVar(&format, "format", "table", "of --list and --check: table, json")
	return cmd
}

// listMethods writes a line a method: its name, and what it is.
func listMethods(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, name := range calculator.Names() {
		fmt.Fprintf(table, "%s\t%s\n", name, calculator.About(name))
	}
	return table.Flush()
}

// checkVectors checks files, a line each, and fails where a case is out of tolerance.
func checkVectors(w io.Writer, paths []string, format string) error {
	if format == "json" {
		return checkVectorsJSON(w, paths)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "method\tcases\tworst deviation / tolerance\t")
	var failed []calculator.Check
	for _, path := range paths {
		c := calculator.CheckFile(path)
		if !c.OK() {
			failed = append(failed, c)
		}
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\n", c.Method, c.Cases, worst(c.Worst), passed(c))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, c := range failed {
		if c.Err != nil {
			fmt.Fprintf(w, "%s: %v\n", c.File, c.Err)
		}
		for _, d := range c.Failed {
			fmt.Fprintf(w, "%s: case %s: %s: got %s, want %s\n", c.File, d.Case, d.Path, d.Got, d.Want)
		}
	}
	if len(failed) > 0 {
		return errChecked
	}
	return nil
}

// A checkedFile is one vector file's outcome as JSON.
type checkedFile struct {
	File   string                 `json:"file"`
	Method string                 `json:"method"`
	Cases  int                    `json:"cases"`
	Worst  *float64               `json:"worst"` // deviation over tolerance; null where no number was compared
	OK     bool                   `json:"ok"`
	Error  string                 `json:"error,omitempty"`
	Failed []calculator.Deviation `json:"failed"`
}

// checkVectorsJSON checks files and writes an array of their outcomes.
func checkVectorsJSON(w io.Writer, paths []string) error {
	out, all := []checkedFile{}, true
	for _, path := range paths {
		c := calculator.CheckFile(path)
		f := checkedFile{File: c.File, Method: c.Method, Cases: c.Cases, OK: c.OK(), Failed: append([]calculator.Deviation{}, c.Failed...)}
		if !math.IsNaN(c.Worst) && !math.IsInf(c.Worst, 0) {
			f.Worst = &c.Worst
		}
		if c.Err != nil {
			f.Error = c.Err.Error()
		}
		out, all = append(out, f), all && f.OK
	}
	if err := writeJSON(w, out); err != nil {
		return err
	}
	if !all {
		return errChecked
	}
	return nil
}

func worst(x float64) string {
	if math.IsNaN(x) {
		return "–"
	}
	return fmt.Sprintf("%.2g", x)
}

func passed(c calculator.Check) string {
	if c.OK() {
		return "ok"
	}
	return "FAILED"
}
