package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// schema is the version of the lines that this code writes. Keys are only ever
// added; a line of a later version is refused.
const schema = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encode gives an entry's line, with checksum and line end.
func encode(e Entry) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	body = body[:len(body)-1] // the closing brace comes after the checksum
	return fmt.Appendf(body, `,"crc":"%08x"}`+"\n", crc32.Checksum(body, castagnoli)), nil
}

// tailLength is that of ,"crc":"xxxxxxxx"} at the end of a line.
const tailLength = len(`,"crc":"00000000"}`)

var (
	errNoChecksum = errors.New("it has no checksum at its end")
	errChecksum   = errors.New("its checksum is that of another text")
)

// decode reads a line without its line end.
func decode(line []byte) (Entry, error) {
	var e Entry
	if len(line) < tailLength || !bytes.HasPrefix(line[len(line)-tailLength:], []byte(`,"crc":"`)) {
		return e, errNoChecksum
	}
	body, tail := line[:len(line)-tailLength], line[len(line)-tailLength:]
	if want := fmt.Appendf(nil, `,"crc":"%08x"}`, crc32.Checksum(body, castagnoli)); !bytes.Equal(tail, want) {
		return e, errChecksum
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return e, errors.New("it is no entry")
	}
	if e.Schema > schema || e.Schema < 1 {
		return e, fmt.Errorf("it has layout %d, and this Weir reads up to %d: use the Weir that wrote it", e.Schema, schema)
	}
	return e, nil
}
