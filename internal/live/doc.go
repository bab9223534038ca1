// Package live wires the data plane: proxy, collector, sticky state, ledger and
// control plane, with their listeners and their lifetime. Both binaries serve
// with it.
//
//	l, err := live.New(options)  // opens and listens; nothing is served yet
//	err = l.Run(ctx)             // serves until ctx is done, then ends in order
//
// The end runs from the client inwards: no new connections, the requests under
// way come to their end within a bound, what is beside the traffic stops, all
// that was recorded goes into the lake, and last the state is closed.
package live
