// Package logprob reads verdicts and scores from the log-probabilities that a
// model gives beside its tokens: finer than the one token it wrote.
package logprob
