package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
)

// draw is the assignment hash of section 6 of DESIGN.md: the first 53 bits of SHA-256 over
// "<byte length of salt>:<salt>:<unit>", divided by 2^53; in [0, 1).
func draw(salt, unit string) float64 {
	var buffer [128]byte
	text := strconv.AppendInt(buffer[:0], int64(len(salt)), 10)
	text = append(text, ':')
	text = append(text, salt...)
	text = append(text, ':')
	text = append(text, unit...)
	sum := sha256.Sum256(text)
	return mul(float64(binary.BigEndian.Uint64(sum[:8])>>11), 0x1p-53)
}

// salts are those of one release, one for each question, so that no answer
// leaks into another's.
type salts struct{ exposure, arm, holdout string }

func saltsOf(app, release string) salts {
	prefix := app + "/" + release + "/"
	return salts{exposure: prefix + "exposure", arm: prefix + "arm", holdout: prefix + "holdout"}
}
