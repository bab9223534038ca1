// Package spec is the release specification, weir.yaml: read, checked,
// hashed, described.
//
// One table states the file: every key with its type, its default, what its
// absence means, and the field of [Release] it fills. The decoder, the JSON
// Schema ([Schema]), the documentation ([Keys], [Doc]), the canonical form
// ([Release.Promise], [Release.JSON]) and the comparison of two
// specifications ([Amendments]) all walk that table, so a default is stated
// once and a key is forgotten nowhere. The parts of the table stand beside the
// types they fill: the keys of a metric in metric.go, those of the ramp in
// ramp.go.
//
// Reading is strict and in two passes. The first decodes: unknown and
// repeated keys, wrong types and values that cannot be read are faults. The
// second checks what no single value shows: that steps rise, that a rate has
// its margin in points, that a rule names a version that exists. All faults
// come at once, sorted by position; a value has at most one.
//
// Anchors, aliases, merge keys and tags are refused: a promise is read by
// people, and every value stands where it counts.
//
// References to the environment, ${NAME}, stay as they are written;
// [Release.ExpandEnv] replaces them for whoever uses a value. No fault repeats
// a value that may hold a secret.
package spec
