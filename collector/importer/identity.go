package importer

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"strconv"
)

// deriveID makes an id of what a row is and holds: 32 hexadecimal digits, as a
// W3C trace id has.
func deriveID(parts ...string) string {
	b := make([]byte, 0, 256)
	for _, p := range parts {
		b = appendText(b, p)
	}
	full := sha256.Sum256(b)
	return string(hex.AppendEncode(b[:0], full[:16]))
}

// occurrences counts equal rows.
type occurrences map[Hash]uint32

// next returns which of the rows of that digest this one is, from 1.
func (o occurrences) next(digest [sha256.Size]byte) int {
	key := Hash(digest[:len(Hash{})])
	o[key]++
	return int(o[key])
}

// rowID derives the id of a row that has none; release and version are those
// it belongs to, empty where it belongs to none.
func (w *writer) rowID(r *record, table, release, version string) string {
	digest := r.digest()
	return deriveID(table, w.app, release, version, string(digest[:]), strconv.Itoa(w.seen.next(digest)))
}

// outcomeID derives the id of an outcome that repeats itself on the rows of
// its subject: it is the same as long as its value is.
func outcomeID(app, subject, id, name string, v float64) string {
	return deriveID("outcome", app, subject, id, name, strconv.FormatUint(math.Float64bits(v+0), 16))
}
