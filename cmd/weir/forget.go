package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/collector"
	"weir/collector/parquet"
	"weir/internal/answers"
	"weir/internal/live"
	"weir/internal/privacy"
	"weir/internal/stickylog"
	"weir/internal/wal"
	"weir/router/protocol"
)

// forgetFlags are those of weir forget.
type forgetFlags struct {
	steerFlags
	user, lake, state, spec string
	wait                    time.Duration
}

func newForget() *cobra.Command {
	var f forgetFlags
	cmd := &cobra.Command{
		Use:   "forget --user ID (--server URL | --lake DIR (--spec FILE | --app NAME))",
		Short: "erase a person from the lake",
		Long: `Erase a person: the requests made under that user id, and those of the same
sessions without a user id; their texts, judgments and labels; and what was
reported on the user, these requests or these sessions. What a server still has
in its journal is waited for, or brought into the lake first where no server
runs. Requests under way are written when they end. With --server the server
itself does it, on its lake.

Which version the person and their conversations were assigned is forgotten too:
by the server with --server, or where no server runs; else a running server
remembers it until sticky.idle.

Where the spec has hash_ids, the id is hashed with its key first.`,
		Example: `  weir forget --user u-4711 --lake lake --spec weir.yaml
  weir forget --user u-4711 --lake lake --app support-bot --format json
  weir forget --user u-4711 --server http://127.0.0.1:8081 --app support-bot`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.user, "user", "", "user id, as the requests had it")
	flags.StringVar(&f.lake, "lake", "", "folder of the lake")
	flags.StringVar(&f.state, "state", "", "folder of the server's state; _state in the lake unless given")
	flags.StringVar(&f.spec, "spec", "", "release spec: names the app, and how its ids are hashed")
	flags.DurationVar(&f.wait, "wait", 2*time.Minute, "how long to wait for a running server to write what it has")
	f.add(cmd, false)
	return cmd
}

// run forgets the user in the lake, or lets the server that has it do so.
func (f *forgetFlags) run(cmd *cobra.Command) error {
	if err := checkFormat(f.format, steerFormats...); err != nil {
		return err
	}
	if f.user == "" {
		return usage("--user is missing: name the user id as the requests had it")
	}
	f.user = protocol.ID(f.user) // as it is in the rows
	if (f.lake == "") == !cmd.Flags().Changed("server") {
		return usage("name the lake with --lake, or the server that has it with --server, one of them")
	}
	if f.lake == "" {
		return f.there(cmd)
	}
	return f.here(cmd)
}

// here forgets the user in the lake, and in what stands beside it.
func (f *forgetFlags) here(cmd *cobra.Command) error {
	if err := checkLake(f.lake); err != nil {
		return err
	}
	a, err := appOf(f.spec, f.app)
	if err != nil {
		return err
	}
	id := f.user
	if a.hashIDs {
		hasher, err := privacy.ReadKey(a.keyFile)
		if err != nil {
			return usage("privacy.key_file: %v", err)
		}
		id = hasher.ID(f.user)
	}
	lake, err := parquet.Open(f.lake)
	if err != nil {
		return err
	}
	state := cmp.Or(f.state, filepath.Join(f.lake, "_state"))
	erasure, err := forgetState(cmd, lake, state, a.name, id)
	if err != nil {
		return err
	}
	e, err := collector.Forget(cmd.Context(), collector.ForgetOptions{
		App: a.name, User: id, Lake: lake, Wait: f.wait,
		Journal: live.StatePath(f.lake, state, a.name, live.Journal),
	})
	if err == nil {
		err = erasure.End(time.Now())
	}
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted; some rows are erased and others may not be: run it again")
	}
	if err := sayErased(cmd.OutOrStdout(), f.format, e); err != nil {
		return err
	}
	return errors.Join(err, kept(e))
}

// forgetState takes the user out of what stands beside the lake, which says
// what is theirs. The assignments that a running server remembers are its own.
func forgetState(cmd *cobra.Command, lake *parquet.Lake, state, app, user string) (*answers.Erasure, error) {
	var erasure *answers.Erasure
	subjects, err := answers.SubjectsOf(cmd.Context(), lake, app, user)
	if err == nil {
		erasure, _, err = answers.Forget(state, app, subjects, time.Now())
	}
	if err != nil {
		return nil, fmt.Errorf("nothing is erased from the lake, as the judge's answers could not be removed: %w", err)
	}
	_, err = stickylog.Forget(live.StatePath("", state, app, live.Sticky), user, subjects)
	if errors.Is(err, wal.ErrLocked) {
		fmt.Fprintln(cmd.ErrOrStderr(), "weir: a server is running: which version the person was assigned it remembers until that is idle; with --server it forgets that too")
		return erasure, nil
	}
	if err != nil {
		return nil, fmt.Errorf("nothing is erased from the lake, as the memory of assignments could not be rewritten: %w", err)
	}
	return erasure, nil
}

// there lets a running server erase the user.
func (f *forgetFlags) there(cmd *cobra.Command) error {
	c, err := f.client()
	if err != nil {
		return err
	}
	done, err := c.Forget(cmd.Context(), f.user)
	if err != nil {
		return err
	}
	e := parquet.Erased{Rows: done.Rows, Files: done.Files, Kept: done.Kept}
	return errors.Join(sayErased(cmd.OutOrStdout(), f.format, e), kept(e))
}

// An appName is an application, and what its spec says of privacy and retention.
type appName struct {
	name      string
	hashIDs   bool
	keyFile   string
	retention parquet.Retention
}

// appOf takes the application from a spec or from its name.
func appOf(specFile, name string) (appName, error) {
	if (specFile == "") == (name == "") {
		return appName{}, usage("name the application with --spec or with --app, one of them")
	}
	if specFile == "" {
		return appName{name: name}, checkNames([]flagName{{"--app", name}})
	}
	r, _, err := readSpec(specFile)
	if err != nil {
		return appName{}, err
	}
	return appName{
		r.App, r.Privacy.HashIDs, r.Privacy.KeyFile,
		parquet.Retention{Contents: r.Retention.Contents, Traces: r.Retention.Traces},
	}, nil
}

// sayErased says how many rows of which table are gone.
func sayErased(w io.Writer, format string, e parquet.Erased) error {
	if format == "json" {
		rows := e.Rows
		if rows == nil {
			rows = map[string]int64{}
		}
		return json.NewEncoder(w).Encode(map[string]any{"rows": rows, "files": e.Files, "kept": append([]string{}, e.Kept...)})
	}
	if e.Total() == 0 {
		_, err := fmt.Fprintln(w, "nothing of that user was found")
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(e.Rows)) {
		if _, err := fmt.Fprintf(w, "  %-10s %s rows erased\n", table, grouped(e.Rows[table])); err != nil {
			return err
		}
	}
	return nil
}

// kept is an error where files could not be rewritten.
func kept(e parquet.Erased) error {
	if len(e.Kept) == 0 {
		return nil
	}
	return fmt.Errorf("rows of that user are still in %s: the files have columns that this Weir does not know and would lose; remove the rows with the tool that wrote them, or with a newer Weir", strings.Join(e.Kept, ", "))
}
