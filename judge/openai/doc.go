// Package openai asks judges over the chat completions of any OpenAI-compatible
// service, by the go-openai client behind a transport of Weir's own.
//
// The transport sets what the client leaves out (a temperature of 0), bounds what
// is read of an answer, and remembers status and Retry-After. The client retries
// nothing and has no time-out: both are the caller's, by context. Errors say
// what went wrong in words of this package alone: a service's own message may
// repeat what it was sent, keys and dialogues among it.
package openai
