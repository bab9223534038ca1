package standin

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// A Fault is a way to fail. The zero value is none.
type Fault string

// The faults.
const (
	ServerError Fault = "server_error" // status 500
	RateLimit   Fault = "rate_limit"   // status 429 with Retry-After
	Hang        Fault = "hang"         // no answer until the client leaves, or patience ends
	Reset       Fault = "reset"        // the connection is reset before an answer
	SlowHeaders Fault = "slow_headers" // the answer begins when it should have ended, ten times over
	Garbage     Fault = "garbage"      // status 200 and bytes that mean nothing
	Half        Fault = "half"         // the connection is cut in the middle of the answer
	InStream    Fault = "in_stream"    // an error in the middle of a stream that began with 200; else as ServerError
	Flood       Fault = "flood"        // an answer that does not end until FloodBytes
)

// Faults lists all of them.
func Faults() []Fault {
	return []Fault{ServerError, RateLimit, Hang, Reset, SlowHeaders, Garbage, Half, InStream, Flood}
}

// ParseFaults reads a list such as "server_error=1%,hang=0.02".
func ParseFaults(list string) (map[Fault]float64, error) {
	mix, sum := map[Fault]float64{}, 0.0
	for entry := range strings.SplitSeq(list, ",") {
		name, text, _ := strings.Cut(strings.TrimSpace(entry), "=")
		if name == "" && text == "" {
			continue
		}
		if !slices.Contains(Faults(), Fault(name)) {
			return nil, fmt.Errorf("fault %q is none of %v", name, Faults())
		}
		share, err := parseShare(text)
		if err != nil {
			return nil, fmt.Errorf("fault %s: %w", name, err)
		}
		mix[Fault(name)] += share
		sum += share
	}
	if sum > 1 {
		return nil, fmt.Errorf("the faults make %g in all: at most 1", sum)
	}
	return mix, nil
}

func parseShare(text string) (float64, error) {
	number, percent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(number, 64)
	if percent {
		share /= 100
	}
	if err != nil || !(share >= 0 && share <= 1) {
		return 0, fmt.Errorf("%q is no probability: write one such as 2%% or 0.02", text)
	}
	return share, nil
}

// fault draws one from the mix.
func (b *Behaviour) fault(random *rand.Rand) Fault {
	u := random.Float64()
	for _, f := range Faults() {
		if u -= b.Faults[f]; u < 0 {
			return f
		}
	}
	return ""
}
