package standin

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// Over many dialogues the declared rates hold, and quality goes with resolution.
func TestTruth(t *testing.T) {
	b := Behaviour{Seed: 7, Resolved: 0.6, Handoff: 0.1, Quality: 0.5}
	const n = 20_000
	var resolved, handoff, quality, ofResolved float64
	for i := range n {
		truth := b.Truth(fmt.Sprint("s-", i))
		if truth.Resolved && truth.Handoff {
			t.Fatalf("dialogue %d: %+v", i, truth)
		}
		quality += truth.Quality / n
		if truth.Resolved {
			resolved += 1.0 / n
			ofResolved += truth.Quality / n
		}
		if truth.Handoff {
			handoff += 1.0 / n
		}
	}
	for _, c := range []struct {
		what           string
		got, want, off float64
	}{
		{"resolved", resolved, 0.6, 4 * math.Sqrt(0.6*0.4/n)},
		{"handoff", handoff, 0.1, 4 * math.Sqrt(0.1*0.9/n)},
		{"quality", quality, 0.5, 4 * spread / math.Sqrt(n)},
	} {
		if math.Abs(c.got-c.want) > c.off {
			t.Errorf("%s: %.4f, want %.4f within %.4f", c.what, c.got, c.want, c.off)
		}
	}
	if ofResolved/resolved < quality+0.05 {
		t.Errorf("resolved dialogues have quality %.3f, all %.3f", ofResolved/resolved, quality)
	}
}

// A truth is what is read back, wherever it stands in a text.
func TestMark(t *testing.T) {
	for _, want := range []Truth{{0, false, false}, {0.83, true, false}, {1, false, true}} {
		got := ReadTruths("first " + Truth{Quality: 0.5}.Mark() + " then " + want.Mark() + "\n")
		if !reflect.DeepEqual(got, []Truth{{Quality: 0.5}, want}) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// What a dialogue's truth is depends on its name and the seed alone.
func TestTruthIsOfTheDialogue(t *testing.T) {
	a, b := New(Behaviour{Seed: 1, Resolved: 0.5}, nil), New(Behaviour{Seed: 1, Resolved: 0.5}, nil)
	b.Next("other", "x")
	for i := range 50 {
		name := fmt.Sprint(i)
		if x, y := a.Next(name, "x"), b.Next(name, "y"); x.Truth != y.Truth {
			t.Fatalf("%s: %+v and %+v", name, x.Truth, y.Truth)
		}
	}
}

// Latency and length follow their laws, and faults come as often as declared.
func TestExchange(t *testing.T) {
	s := New(Behaviour{
		Seed: 3, FirstToken: Wait{100 * time.Millisecond, 0.2}, Latency: Wait{time.Second, 0.5}, Length: Length{200, 0.3},
		Faults: map[Fault]float64{ServerError: 0.1, Hang: 0.05},
	}, nil)
	const n = 4000
	slow, long, faults := 0, 0, map[Fault]int{}
	for i := range n {
		x := s.Next(fmt.Sprint(i), "hello")
		if x.Latency > time.Second {
			slow++
		}
		if x.OutputTokens > 200 {
			long++
		}
		if len(x.Pieces) != x.OutputTokens || !strings.HasSuffix(x.Text(), x.Truth.Mark()) {
			t.Fatalf("%+v", x)
		}
		faults[x.Fault]++
	}
	for what, c := range map[string][2]float64{
		"slower than the median": {float64(slow), 0.5}, "longer than the median": {float64(long), 0.5},
		"server errors": {float64(faults[ServerError]), 0.1}, "hangs": {float64(faults[Hang]), 0.05}, "rest": {float64(faults[""]), 0.85},
	} {
		if off := math.Abs(c[0]/n - c[1]); off > 4*math.Sqrt(c[1]*(1-c[1])/n) {
			t.Errorf("%s: %.4f, want %.4f", what, c[0]/n, c[1])
		}
	}
}

func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		"":           nil,
		"one":        {"one"},
		"one two  3": {"one", " two", " ", " 3"},
		"订单12号":      {"订", "单12", "号"},
	} {
		if got := split(text); !reflect.DeepEqual(got, want) || strings.Join(got, "") != text {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestParseFaults(t *testing.T) {
	got, err := ParseFaults("server_error=1%, hang=0.02")
	if want := (map[Fault]float64{ServerError: 0.01, Hang: 0.02}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for list, want := range map[string]string{
		"crash=1%":            `fault "crash" is none of`,
		"hang":                `fault hang: "" is no probability`,
		"hang=2":              `fault hang: "2" is no probability`,
		"hang=NaN":            `fault hang: "NaN" is no probability`,
		"hang=60%,reset=60%":  "the faults make 1.2 in all",
		"hang=-1%":            `fault hang: "-1%" is no probability`,
		"hang=1%,,reset=1%,x": `fault "x"`,
	} {
		if _, err := ParseFaults(list); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", list, err)
		}
	}
}
