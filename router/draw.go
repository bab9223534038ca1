package router

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// A Purpose is a question that units are drawn for. Each has a salt of its
// own, so that no question's answer leaks into another's.
type Purpose string

// The purposes.
const (
	PurposeExposure Purpose = "exposure" // is the user in the experiment? (unit user)
	PurposeArm      Purpose = "arm"      // control or treatment? Also inside the split of a rule
	PurposeHoldout  Purpose = "holdout"  // is the unit kept from every candidate?
	PurposeJudge    Purpose = "judge"    // is the unit's dialogue judged?
	PurposeCapture  Purpose = "capture"  // are the unit's texts kept?
)

// Salt is what is hashed before the unit: app/release/purpose. Another
// release has other salts and does not reuse the units of this one.
func Salt(app, release string, purpose Purpose) string {
	return app + "/" + release + "/" + string(purpose)
}

// Draw gives the unit's number u for a salt, uniform on [0, 1): the first 53
// bits of SHA-256 over
//
//	<byte length of salt>:<salt>:<unit>
//
// as a big-endian integer, divided by 2^53. Every value is exact in a double
// and, times 2^53, in a signed 64-bit integer. Salt and unit are taken as
// bytes (UTF-8, not normalised); the length keeps "a"+"bc" apart from
// "ab"+"c". Both may be empty; but the empty unit is one unit, so a request
// without an id is drawn under a random one.
//
// Draw does not allocate while salt and unit have no more than some 250 bytes
// together.
func Draw(salt, unit string) float64 {
	var buffer [256]byte
	text := strconv.AppendInt(buffer[:0], int64(len(salt)), 10)
	text = append(text, ':')
	text = append(text, salt...)
	text = append(text, ':')
	text = append(text, unit...)
	sum := sha256.Sum256(text)
	return float64(binary.BigEndian.Uint64(sum[:8])>>11) * 0x1p-53
}
