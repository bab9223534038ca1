// Package proxy forwards requests to the version that the router decides on,
// and writes down what happened.
//
// A [Proxy] is one generation of a specification: New builds it whole, and a
// changed specification is another one, which takes over what the one before
// has learned, while streams under way go on in the old. Forwarding itself is
// [net/http/httputil.ReverseProxy]; this package adds what comes before and
// after it: reading who asks, deciding, limits and time-outs of each version
// apart from the others, reading answers beside the stream, recording.
//
// What is read of bodies is package protocol's business, what decides is
// package router's, and whoever keeps records, state and metrics is handed in.
//
// DESIGN.md beside the code says what is guaranteed, failure by failure.
package proxy
