package spec

import "time"

// Retention is how long the lake keeps texts, and rows.
type Retention struct{ Contents, Traces time.Duration }

// Privacy is what is taken out of texts and ids before they are written.
type Privacy struct {
	Redact  []Redaction
	HashIDs bool   // a keyed hash is the id everywhere
	KeyFile string // holds the hash's key; empty: none
}

// A Redaction is something that is blanked out in texts.
type Redaction int

// The redactions.
const (
	RedactEmail Redaction = iota
	RedactPhone
)

var redactionNames = []string{"email", "phone"}

// String gives the redaction's name in the file.
func (r Redaction) String() string { return redactionNames[r] }

// A Journal is how safely requests are written down.
type Journal struct {
	// Fsync is how much a power cut may lose; 0: nothing, each record is
	// synced.
	Fsync time.Duration
}

var retentionKind = object(
	field("contents", or(duration, 30*day), func(r *Retention) *time.Duration { return &r.Contents },
		"how long texts are kept"),
	field("traces", or(duration, 400*day), func(r *Retention) *time.Duration { return &r.Traces },
		"how long all other rows are kept"),
)

var privacyKind = object(
	field("redact", or(list(enum[Redaction](redactionNames)), []Redaction{RedactEmail, RedactPhone}),
		func(p *Privacy) *[]Redaction { return &p.Redact },
		"what is blanked out in texts before they are written"),
	field("hash_ids", truth, func(p *Privacy) *bool { return &p.HashIDs },
		"a keyed hash takes the place of user and session ids everywhere"),
	field("key_file", nullable(text), func(p *Privacy) *string { return &p.KeyFile },
		"file that holds the key of the hash").absent("there is no key; with hash_ids it is required"),
)

var journalKind = object(
	field("fsync", or(fsync, 50*time.Millisecond), func(j *Journal) *time.Duration { return &j.Fsync },
		"how much a power cut may lose; always loses nothing"),
)

const always = "always"

var fsync = scalar("duration | "+always, "a duration above 0 such as 50ms, or "+always,
	func(l literal) (time.Duration, error) {
		if l.text == always {
			return 0, nil
		}
		return parsePositiveDuration(l)
	},
	func(v time.Duration) any {
		if v == 0 {
			return always
		}
		return formatDuration(v)
	}, map[string]any{"type": "string"})

func checkPrivacy(d *decoder, r *Release) {
	if r.Privacy.HashIDs && r.Privacy.KeyFile == "" {
		d.fault("privacy.key_file", "hash_ids needs a key", "write the file that holds one")
	}
}
