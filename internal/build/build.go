// Package build says what this build of Weir is.
package build

// Version is in records, and in what programs say of themselves.
const Version = "0.1.0"
