// Package proxy forwards requests to the version that the router decides on,
// and writes down what happened.
//
// A [Proxy] is one generation of a specification: New builds it whole, and a
// changed specification is another one, which takes over what the one before
// has learned, while streams under way go on in the old. It reads who asks,
// decides, forwards within each version's own limits and time-outs, reads
// answers beside the stream, and records. Package http1 sends what is plain
// HTTP/1.1; the rest is [net/http.Transport]'s.
//
// What is read of bodies is package protocol's business, what decides is
// package router's, and whoever keeps records, state and metrics is handed in.
//
// DESIGN.md beside the code says what is guaranteed, failure by failure.
package proxy
