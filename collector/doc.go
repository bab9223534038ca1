// Package collector keeps what happens on the live path and brings it into the
// lake.
//
//	c, err := collector.New(collector.Options{App: "support-bot", Lake: lake, Journal: dir})
//	go c.Run(ctx)      // publishes until ctx ends, then everything that is left
//	c.Record(record)   // from any request, at its start and at its end
//	err = c.Close()    // after Run
//
// A record has been handed to the operating system when Record returns, so
// killing the process loses none and doubles none; Parquet is written in the
// background. What cannot be kept is counted as lost, by reason and version:
// DESIGN.md beside this file says what happens when something fails.
//
// Packages below: journal is the records as bytes, parquet the lake's files,
// importer brings in the logs of others.
package collector
