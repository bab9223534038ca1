package analyze

import (
	"encoding/json"
	"math"
)

// A Number is a float64 that is null in JSON where it cannot be had: NaN and
// the infinities are written as null, and null is read as NaN.
type Number float64

// Unknown is a number that cannot be had.
var Unknown = Number(math.NaN())

// Known reports whether x is a finite number.
func (x Number) Known() bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// MarshalJSON writes the shortest decimal that reads back as the same float64.
func (x Number) MarshalJSON() ([]byte, error) {
	if !x.Known() {
		return []byte("null"), nil
	}
	return json.Marshal(float64(x))
}

// UnmarshalJSON reads a number, or null as NaN.
func (x *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*x = Unknown
		return nil
	}
	return json.Unmarshal(b, (*float64)(x))
}
