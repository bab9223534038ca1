package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"time"

	"weir/internal/live"
)

// tidyMemory bounds what the process that compacts holds.
const tidyMemory = "GOMEMLIMIT=512MiB"

// tidy compacts the lake now and then, and drops what is too old, in a process of its own: neither
// its memory nor its failure touches a request.
func tidy(every time.Duration, s *live.Settings, log *slog.Logger) func(context.Context, *live.Live) error {
	return func(ctx context.Context, _ *live.Live) error {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
			if said, err := compactAside(ctx, s); err != nil && ctx.Err() == nil {
				log.Error("the lake was not compacted; it is tried again", "in", every, "error", err, "said", said)
			} else if err == nil && said != nothingMerged {
				log.Info("the lake was compacted", "said", said)
			}
		}
	}
}

// compactAside runs weir compact, and returns what it said.
func compactAside(ctx context.Context, s *live.Settings) (said string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, self, "compact", "--lake", s.Lake, "--spec", s.Spec)
	cmd.Env = append(os.Environ(), tidyMemory)
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return strings.TrimSpace(out.String()), err
}
