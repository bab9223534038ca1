// Package privacy takes people out of what is written down: addresses and
// telephone numbers out of texts, ids by a keyed hash.
//
// It is careful with prose: a number that merely could be a telephone number
// stays.
package privacy
