package privacy

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
)

// minKey is how many bytes a key has at least.
const minKey = 16

// A Hasher replaces ids. Who does not have its key cannot tell from a hash whose
// it is, nor try out ids until one fits.
type Hasher struct{ key []byte }

// NewHasher returns the hasher of a key of at least 16 bytes, which it copies.
func NewHasher(key []byte) (*Hasher, error) {
	if len(key) < minKey {
		return nil, fmt.Errorf("the key has %d bytes; it needs %d at least, for example those of: openssl rand -hex 32", len(key), minKey)
	}
	return &Hasher{bytes.Clone(key)}, nil
}

// ReadKey returns the hasher of the key in a file; white space around the key is
// not part of it.
func ReadKey(file string) (*Hasher, error) {
	key, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	h, err := NewHasher(bytes.TrimSpace(key))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return h, nil
}

// ID returns what stands for an id everywhere: 32 hexadecimal digits, the first
// half of its HMAC-SHA256. An empty id stays empty. A nil Hasher leaves ids as
// they are.
func (h *Hasher) ID(id string) string {
	if h == nil || id == "" {
		return id
	}
	m := hmac.New(sha256.New, h.key)
	m.Write([]byte(id))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// Fingerprint tells keys apart, and tells nothing of them: 16 hexadecimal digits,
// or "none" of a nil Hasher.
func (h *Hasher) Fingerprint() string {
	if h == nil {
		return "none"
	}
	return h.ID("\x00fingerprint")[:16]
}
