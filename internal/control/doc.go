// Package control is the control plane: an HTTP API, on a listener of its own,
// by which people, release scripts and other tools steer a release, ask for its
// verdict and report outcomes.
//
// [New] gives the handler. Every request passes the same guards in the same
// order: the host it names, the site it comes from, its path, its token, the
// token's rate, its size. What it may do hangs on its token's scopes. Changes
// go through package steering, which writes them down with the token's name.
//
// openapi.yaml describes every call; a test holds it to the handlers.
package control
