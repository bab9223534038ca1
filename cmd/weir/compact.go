package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"weir/collector"
	"weir/collector/parquet"
)

func newCompact() *cobra.Command {
	var dir, name, specFile, format, only string
	cmd := &cobra.Command{
		Use:   "compact --lake DIR (--spec FILE | --app NAME)",
		Short: "merge small files of the lake, and drop what is too old",
		Long: `Merge the small files of each table and day to some 100 MB. With a spec, first
remove the days that are older than its retention. It may run beside a server,
from cron say: readers see each day's files before or after, never between.`,
		Example: "  weir compact --lake lake --spec weir.yaml\n  weir compact --lake lake --app support-bot",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, "table", "json"); err != nil {
				return err
			}
			if err := checkLake(dir); err != nil {
				return err
			}
			a, err := appOf(specFile, name)
			if err != nil {
				return err
			}
			lake, err := parquet.Open(dir)
			if err != nil {
				return err
			}
			m, err := maintain(cmd.Context(), lake, a, only, time.Now())
			if err != nil {
				return err
			}
			return sayMaintained(cmd.OutOrStdout(), format, only, m)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&dir, "lake", "", "folder of the lake")
	flags.StringVar(&specFile, "spec", "", "release spec: names the app and its retention")
	flags.StringVar(&name, "app", "", "application, where there is no spec; nothing is too old then")
	flags.StringVar(&only, "only", "", "do no more than this: merge, expire")
	flags.StringVar(&format, "format", "table", "table, json")
	return cmd
}

// maintain does what is asked for: merge, expire, or both.
func maintain(ctx context.Context, lake *parquet.Lake, a appName, only string, now time.Time) (m collector.Maintained, err error) {
	switch only {
	case "":
		return collector.Maintain(ctx, lake, a.name, a.retention, now)
	case "merge":
		m.Merged, err = lake.Compact(ctx, a.name, parquet.CompactOptions{})
	case "expire":
		m.Expired, err = lake.Expire(a.name, a.retention, now)
	default:
		err = usage("--only %q: allowed are merge and expire", only)
	}
	return m, err
}

const nothingMerged = "no small files to merge"

// sayMaintained says what was merged and removed.
func sayMaintained(w io.Writer, format, only string, m collector.Maintained) error {
	if format == "json" {
		return json.NewEncoder(w).Encode(map[string]any{
			"merged_files": m.Merged.Merged, "into_files": m.Merged.Written, "bytes_before": m.Merged.Before, "bytes_after": m.Merged.After,
			"skipped": append([]string{}, m.Merged.Skipped...), "expired_files": m.Expired.Files, "expired_rows": m.Expired.Rows,
		})
	}
	for _, table := range slices.Sorted(maps.Keys(m.Expired.Rows)) {
		fmt.Fprintf(w, "  %-10s %s rows were too old and are gone\n", table, grouped(m.Expired.Rows[table]))
	}
	switch {
	case only != "expire":
	case m.Expired.Files == 0:
		_, err := fmt.Fprintln(w, "nothing is too old")
		return err
	default:
		return nil
	}
	for _, f := range m.Merged.Skipped {
		fmt.Fprintf(w, "  %s has columns that this Weir does not know, and stays as it is\n", f)
	}
	if m.Merged.Merged == 0 {
		_, err := fmt.Fprintln(w, nothingMerged)
		return err
	}
	_, err := fmt.Fprintf(w, "merged %d files into %d, %.1f MB into %.1f MB\n", m.Merged.Merged, m.Merged.Written, float64(m.Merged.Before)/1e6, float64(m.Merged.After)/1e6)
	return err
}
