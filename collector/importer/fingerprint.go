package importer

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"time"

	"weir/trace"
)

// A Hash stands for the content of a row as the lake stores it: times in
// microseconds, money with nine decimals.
type Hash [16]byte

// HashExchange hashes an exchange.
func HashExchange(e *trace.Exchange) Hash {
	h := make(hasher, 0, 512)
	h.texts(e.TraceID, e.App, e.Release, e.SessionID, e.UserID, e.UnitID,
		e.AssignedVersion, e.ServedVersion, string(e.Reason), e.Rule, e.PromiseHash, e.ErrorType, e.Model,
		string(e.UsageSource), e.Device, e.Region, e.Language, e.CaseID)
	h.integers(e.Turn, e.Epoch, e.ServingEpoch, e.Status, e.InputTokens, e.OutputTokens, e.CachedTokens, e.Trial)
	h.booleans(e.Randomized, e.Streamed, e.Truncated)
	h.doubles(e.Propensity, e.LatencyMS, e.TTFTMS, e.UpstreamMS)
	h.money(e.CostUSD)
	h.times(e.AssignedAt, e.StartedAt)
	for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
		h.texts(name, e.Attributes[name])
	}
	return h.sum()
}

// HashContent hashes the texts of an exchange.
func HashContent(c *trace.Content) Hash {
	var h hasher
	h.texts(c.TraceID, c.App, c.Input, c.Output, c.Prompt, c.ToolCalls)
	h.count(len(c.Retrieval))
	for _, p := range c.Retrieval {
		h.integers(&p.Rank)
		h.texts(p.DocID, p.Text)
		h.doubles(p.Score)
	}
	h.count(len(c.Spans))
	for _, s := range c.Spans {
		h.texts(s.Name)
		h.doubles(s.StartMS, s.DurationMS)
	}
	return h.sum()
}

// HashOutcome hashes an outcome.
func HashOutcome(o *trace.Outcome) Hash {
	var h hasher
	h.texts(o.OutcomeID, o.App, o.TraceID, o.SessionID, o.UserID, o.Name, o.Comment, o.Source)
	h.doubles(&o.Value)
	h.times(o.OccurredAt, o.ReceivedAt)
	return h.sum()
}

// HashJudgment hashes a judgment.
func HashJudgment(j *trace.Judgment) Hash {
	var h hasher
	h.texts(j.JudgmentID, j.App, j.TraceID, j.SessionID, j.CaseID, j.Job, j.Criterion, j.Verdict, j.Reason,
		j.JudgeModel, j.JudgeHash, j.Position, j.Error, j.Release, j.Flags)
	h.doubles(j.Score, j.InclusionProbability)
	h.integers(j.Tokens, j.Trial)
	h.money(j.CostUSD)
	h.times(j.JudgedAt)
	return h.sum()
}

// HashLabel hashes a label.
func HashLabel(l *trace.Label) Hash {
	var h hasher
	h.texts(l.LabelID, l.App, l.TraceID, l.SessionID, l.CaseID, l.Criterion, l.Verdict, l.Comment, l.Labeler, l.Release, l.Position)
	h.doubles(l.Score, l.InclusionProbability)
	h.integers(l.Trial)
	h.times(l.LabeledAt)
	return h.sum()
}

// HashLoss hashes a count of lost exchanges.
func HashLoss(l *trace.Loss) Hash {
	var h hasher
	h.texts(l.LossID, l.App, l.Release, l.Version, l.Reason, l.Source)
	h.integers(&l.Rows)
	h.times(l.StartedAt, l.EndedAt)
	return h.sum()
}

// A hasher collects fields in a fixed order, so that no two rows read alike.
type hasher []byte

func (h *hasher) texts(texts ...string) {
	for _, s := range texts {
		*h = appendText(*h, s)
	}
}

func (h *hasher) count(n int) { *h = binary.AppendUvarint(*h, uint64(n)) }

// bits appends 64 bits, or that there are none.
func (h *hasher) bits(present bool, bits uint64) {
	if !present {
		*h = append(*h, 0)
		return
	}
	*h = binary.BigEndian.AppendUint64(append(*h, 1), bits)
}

func (h *hasher) integers(integers ...*int64) {
	for _, i := range integers {
		if i == nil {
			h.bits(false, 0)
		} else {
			h.bits(true, uint64(*i))
		}
	}
}

func (h *hasher) booleans(booleans ...*bool) {
	for _, b := range booleans {
		switch {
		case b == nil:
			h.bits(false, 0)
		case *b:
			h.bits(true, 1)
		default:
			h.bits(true, 0)
		}
	}
}

func (h *hasher) doubles(doubles ...*float64) {
	for _, d := range doubles {
		if d == nil {
			h.bits(false, 0)
		} else {
			h.bits(true, math.Float64bits(*d+0)) // -0 is 0
		}
	}
}

func (h *hasher) money(amount *float64) {
	if amount == nil {
		h.bits(false, 0)
		return
	}
	h.bits(true, uint64(int64(math.Round(*amount*1e9))))
}

func (h *hasher) times(times ...time.Time) {
	for _, t := range times {
		h.bits(!t.IsZero(), uint64(t.UnixMicro()))
	}
}

func (h *hasher) sum() Hash {
	full := sha256.Sum256(*h)
	return Hash(full[:len(Hash{})])
}
