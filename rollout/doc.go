// Package rollout turns a result into a verdict and keeps the record of how
// it came about. Decide is a pure function of a result and a policy; its zero
// value of everything is hold.
package rollout
