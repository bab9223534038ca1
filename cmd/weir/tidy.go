package main

import (
	"context"
	"log/slog"
	"time"

	"weir/internal/live"
)

// tidyMemory bounds what the process that compacts holds.
const tidyMemory = "512MiB"

// tidy compacts the lake now and then, and drops what is too old, in a process aside.
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
			if said, err := (aside{memory: tidyMemory}).run(ctx, "compact", "--lake", s.Lake, "--spec", s.Spec); err != nil && ctx.Err() == nil {
				log.Error("the lake was not compacted; it is tried again", "in", every, "error", err, "said", said)
			} else if err == nil && said != nothingMerged {
				log.Info("the lake was compacted", "said", said)
			}
		}
	}
}
