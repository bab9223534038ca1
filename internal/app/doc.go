// Package app wires the parts of Weir together: it turns the metrics of a
// release spec into those of the analysis, reads the lake, evaluates, decides,
// and keeps what must be remembered between looks. It is the one place that
// sees all parts at once.
package app
