// Package http1 sends requests over HTTP/1.1 in the goroutine that asks.
//
// A [Transport] does what [net/http.Transport] does for one plain server, with
// the same framing (answers are parsed by [net/http.ReadResponse]), and without
// its two goroutines a connection: a proxy has a goroutine waiting for the
// answer anyway. A request is one write, its answer is read where it is wanted,
// and a connection that nobody uses is looked at before it is used again.
//
// A body that is held ([Held]) is sent by the caller's goroutine where it is
// small. Any other has one of its own while it flows, as the answer may come
// before it has ended.
//
// There is no TLS, no HTTP/2, no proxy, no redirect, and no cookie here.
package http1
