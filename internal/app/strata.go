package app

import (
	"context"

	"weir/analyze/lake"
	"weir/rollout/spec"
)

// StratumOf gives which of the strata a conversation belongs to, the first that
// matches; -1 for none.
func StratumOf(strata []spec.SampleStratum, c lake.Conversation) (int, error) {
	facts := spec.Facts{
		Language: c.Language, Region: c.Region, Device: c.Device, Attributes: c.Attribute,
		Outcomes: c.Outcomes, Stratum: c.Stratum, Turns: c.Requests,
	}
	for i, s := range strata {
		if matches, err := s.Matches(facts); matches || err != nil {
			return i, err
		}
	}
	return -1, nil
}

// strataOf gives the stratum of every session of a release that is in one.
func strataOf(ctx context.Context, l *lake.Lake, q lake.ConversationQuery, strata []spec.SampleStratum) (map[string]int, error) {
	of := map[string]int{}
	if len(strata) == 0 {
		return of, nil
	}
	for _, offline := range []bool{false, true} {
		q.Offline = offline
		all, err := l.Conversations(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			i, err := StratumOf(strata, c)
			if err != nil {
				return nil, err
			}
			if i >= 0 {
				of[c.Session] = i
			}
		}
	}
	return of, nil
}
