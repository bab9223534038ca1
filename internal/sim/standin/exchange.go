package standin

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode"

	"weir/internal/sim"
)

// An Exchange is one request and all that is decided of its answer.
type Exchange struct {
	Number   uint64 // of the request, from 1
	Dialogue string // that it belongs to
	Model    string
	Fault    Fault
	Truth    Truth
	Pieces   []string // of the answer, as they stream: one a token
	Passages []Passage
	Tool     string // that the answer calls first; empty: none
	Order    int    // that the tool is called with

	InputTokens  int
	OutputTokens int // of Pieces

	FirstToken, Latency time.Duration

	behaviour *Behaviour
}

// A Passage is a text of the handbook that the answer rests on.
type Passage struct {
	Rank        int64
	Document    string
	Score       float64
	Text        string
	Segment, ID string // made up, always the same for the same passage
}

// Text is the answer in one piece.
func (x *Exchange) Text() string { return strings.Join(x.Pieces, "") }

// ID returns a made-up id of the exchange, unlike that of any other: 32
// hexadecimal digits.
func (x *Exchange) ID(kind string) string {
	return x.behaviour.id(kind, x.Number)
}

// Chance is a number in [0, 1) of the exchange's own for each name.
func (x *Exchange) Chance(name string) float64 {
	return source(x.behaviour.Seed, "chance", name, strconv.FormatUint(x.Number, 10)).Float64()
}

func (b *Behaviour) id(kind string, number uint64) string {
	return Digest(b.Name, strconv.FormatUint(b.Seed, 10), kind, strconv.FormatUint(number, 10))
}

// UUID writes an id of 32 hexadecimal digits as UUIDs are written.
func UUID(id string) string {
	return strings.Join([]string{id[:8], id[8:12], "4" + id[13:16], "a" + id[17:20], id[20:32]}, "-")
}

func (b *Behaviour) exchange(number uint64, dialogue, said string) *Exchange {
	random := source(b.Seed, "request", strconv.FormatUint(number, 10))
	x := &Exchange{Number: number, Dialogue: dialogue, Model: b.model(), Fault: b.fault(random), Truth: b.Truth(dialogue), behaviour: b}
	reply := b.answer(said)
	x.Tool, x.Order = reply.Tool, reply.Order
	x.Passages = passages(reply)
	x.FirstToken = b.FirstToken.draw(random)
	x.Latency = max(x.FirstToken, b.Latency.draw(random))
	x.Pieces = pieces(reply.Text, b.Length.draw(random), x.Truth.Mark())
	x.InputTokens, x.OutputTokens = b.PromptTokens+len(split(said)), len(x.Pieces)
	return x
}

// pieces cuts an answer into tokens, at least n of them where the text is
// lengthened for it, and ends it with the mark.
func pieces(text string, n int, mark string) []string {
	all := split(text)
	for i := 0; len(all) < n-1; i++ {
		all = append(all, " "+filler[i%len(filler)])
	}
	return append(all, " "+mark)
}

// filler lengthens answers that have to be long.
var filler = strings.Fields("and this is said again in other words so that the answer is as long as it has to be")

// split cuts a text into words, each with the space before it, and into
// single characters where they are Chinese.
func split(text string) []string {
	var all []string
	begin := 0
	for i, c := range text {
		if i > begin && (c == ' ' || unicode.Is(unicode.Han, c)) {
			all = append(all, text[begin:i])
			begin = i
		}
	}
	if begin < len(text) {
		all = append(all, text[begin:])
	}
	return all
}

func chinese(text string) bool {
	return strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(unicode.Han, c) })
}

func passages(r sim.Reply) []Passage {
	var all []Passage
	for _, p := range r.Passages {
		all = append(all, Passage{
			Rank: p.Rank, Document: p.DocID, Score: *p.Score, Text: p.Text,
			Segment: UUID(Digest("segment", p.Text)), ID: UUID(Digest("document", p.DocID)),
		})
	}
	return all
}

// source is random numbers of their own for each name.
func source(seed uint64, names ...string) *rand.Rand {
	b, err := hex.DecodeString(Digest(names...))
	if err != nil {
		panic("standin: " + err.Error())
	}
	return rand.New(rand.NewPCG(seed^binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])))
}

// Digest hashes names, so that no other names read the same, to 32 hexadecimal digits.
func Digest(names ...string) string {
	h := sha256.New()
	for _, name := range names {
		io.WriteString(h, strconv.Itoa(len(name))+":"+name)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Vector returns a made-up direction in n dimensions, of length 1: the same
// for the same text.
func Vector(text string, n int) []float32 {
	random, v, sum := source(0, "vector", text), make([]float32, n), 0.0
	for i := range v {
		x := random.NormFloat64()
		v[i], sum = float32(x), sum+x*x
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}
