package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The headers of Standard Webhooks.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// secretPrefix marks a secret that is written in base64.
const secretPrefix = "whsec_"

// keys are those of a secret: of several, with spaces between, each signs, so that a
// receiver may change from one to the other. One that begins with whsec_ is in base64,
// another is the key itself.
func keys(secret string) ([][]byte, error) {
	var out [][]byte
	for word := range strings.FieldsSeq(secret) {
		key := []byte(word)
		if text, ok := strings.CutPrefix(word, secretPrefix); ok {
			var err error
			if key, err = base64.StdEncoding.DecodeString(text); err != nil || len(key) == 0 {
				return nil, errors.New("begins with whsec_ and goes on with no base64")
			}
		}
		out = append(out, key)
	}
	if out == nil {
		return nil, errors.New("is empty")
	}
	return out, nil
}

// signature signs a call: HMAC-SHA256 over id, time in seconds and body, with dots
// between, once for each key.
func signature(keys [][]byte, id string, at time.Time, body []byte) string {
	signed := fmt.Appendf(nil, "%s.%d.", id, at.Unix())
	signed = append(signed, body...)
	out := make([]string, len(keys))
	for i, k := range keys {
		mac := hmac.New(sha256.New, k)
		mac.Write(signed)
		out[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(out, " ")
}
