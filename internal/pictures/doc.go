// Command pictures draws the pictures of docs/explained.md from simulated data:
// each is a naive analysis beside Weir's, on rows whose truth is known. The same
// program draws the same bytes.
package main
