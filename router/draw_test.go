package router_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"weir/router"
)

// The reference is Python's hashlib; testdata/draw.py made the file.
func TestDrawVectors(t *testing.T) {
	file, err := os.ReadFile("testdata/draw.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Cases []struct {
			Input    struct{ Salt, Unit string }
			Expected struct {
				Bits int64
				U    float64
			}
		}
	}
	if err := json.Unmarshal(file, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Cases) < 100 {
		t.Fatalf("%d cases", len(vectors.Cases))
	}
	for _, c := range vectors.Cases {
		got := router.Draw(c.Input.Salt, c.Input.Unit)
		if got != c.Expected.U || int64(got*(1<<53)) != c.Expected.Bits {
			t.Errorf("%q, %q: got %v, want %v", c.Input.Salt, c.Input.Unit, got, c.Expected.U)
		}
	}
}

// Moving a byte between salt and unit gives another text to hash.
func TestDrawKeepsSaltAndUnitApart(t *testing.T) {
	seen := map[float64]string{}
	const text = "3:a:b:3:c1:d"
	for i := range len(text) + 1 {
		u := router.Draw(text[:i], text[i:])
		if other, twice := seen[u]; twice {
			t.Errorf("%q and %q are drawn alike", other, text[:i])
		}
		seen[u] = text[:i]
	}
}

func TestDrawAllocates(t *testing.T) {
	salt, unit := router.Salt("support-bot", "2026-11-rag", router.PurposeArm), strings.Repeat("u", 200)
	if n := testing.AllocsPerRun(100, func() { router.Draw(salt, unit) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSalt(t *testing.T) {
	if got, want := router.Salt("support-bot", "2026-11-rag", router.PurposeArm), "support-bot/2026-11-rag/arm"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
