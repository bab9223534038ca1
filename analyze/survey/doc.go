// Package survey estimates means and totals from samples drawn with known
// probabilities: judged dialogues stand for those that were not drawn.
//
// Each row has a weight, one over its probability of being drawn. Rows may be
// drawn within strata, each its own lottery, and in clusters, such as the
// turns of one conversation, which enter together. Variances count the first
// stage only, as if drawn with replacement, which is right for small samples
// and a little wide for large ones (Lumley 2010, Complex Surveys, ch. 2-3).
//
// With unit weights and clusters the standard error of Mean is the clustered
// one that evaluation reports use (Miller 2024, arXiv 2411.00640).
package survey
