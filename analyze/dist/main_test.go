package dist

import (
	"flag"
	"os"
	"testing"
)

// Laws are drawn from one seed, so that a run repeats; -rapid.seed draws
// others.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.seed", "20261123"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
