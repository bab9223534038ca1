package spec

import (
	"bytes"
	_ "embed"
)

//go:embed example.yaml
var example []byte

// Example is an annotated specification to begin with; [Parse] reads it
// without a fault.
func Example() []byte { return bytes.Clone(example) }
