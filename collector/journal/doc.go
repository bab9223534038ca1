// Package journal is how the records of the live path are written into the log,
// byte for byte.
//
//	b, err := journal.Append(nil, &journal.Entry{Record: record})
//	entry, err := decoder.Decode(b)
//
// An entry is a version, a kind, and fields as in the protocol buffers of
// others: a number, how long the value is, and the value. A field that is null
// is left out; one that this version does not know is skipped. So columns can be
// added, and logs of older versions are read for good: those in testdata are.
package journal
