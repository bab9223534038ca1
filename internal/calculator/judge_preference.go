package calculator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"weir/analyze/logprob"
	"weir/analyze/preference"
)

func alpacaWinRate(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Preferences series `json:"preferences"`
	}](input)
	if err != nil {
		return nil, err
	}
	y := make([]float64, len(in.Preferences))
	for i, p := range in.Preferences {
		y[i] = p - 1
		if p == 0 { // AlpacaEval's other spelling of a draw
			y[i] = 0.5
		}
	}
	w := preference.NewWinRate(y)
	return object{
		"win_rate":          100 * w.Rate,
		"standard_error":    100 * w.StdErr,
		"n_wins":            w.Wins,
		"n_wins_base":       w.Losses,
		"n_draws":           w.Draws,
		"n_total":           w.N,
		"n_missing":         w.Missing,
		"discrete_win_rate": 100 * w.Discrete,
	}, nil
}

func bradleyTerry(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Players   []string `json:"players"`
		Reference string   `json:"reference"`
		Pairs     []struct {
			A     string   `json:"a"`
			B     string   `json:"b"`
			WinsA float64  `json:"wins_a"`
			WinsB float64  `json:"wins_b"`
			Ties  *float64 `json:"ties"` // of all pairs or, where a game knows none, of no pair
		} `json:"pairs"`
		Ties          string `json:"ties" input:"optional"`
		FirstPosition bool   `json:"first_position" input:"optional"`
		FirstEffect   bool   `json:"first_position_effect" input:"optional"` // another word for it
		OrderEffect   bool   `json:"order_effect" input:"optional"`          // and another
	}](input)
	if err != nil {
		return nil, err
	}
	if in.Ties != "" && !strings.HasPrefix(in.Ties, "half") {
		return nil, fmt.Errorf("%w: ties is %q; a tie counts as half a win each", ErrInput, in.Ties)
	}
	reference := slices.Index(in.Players, in.Reference)
	if reference < 0 {
		return nil, fmt.Errorf("%w: the reference %q is none of the players", ErrInput, in.Reference)
	}
	matches := make([]preference.Match, len(in.Pairs))
	for i, p := range in.Pairs {
		if (p.Ties == nil) != (in.Pairs[0].Ties == nil) {
			return nil, fmt.Errorf("%w: pairs[%d].ties and pairs[0].ties: one is missing; give the ties of all pairs or of none", ErrInput, i)
		}
		ties := 0.0
		if p.Ties != nil {
			ties = *p.Ties
		}
		a, b := slices.Index(in.Players, p.A), slices.Index(in.Players, p.B)
		if a < 0 || b < 0 || !(min(p.WinsA, p.WinsB, ties) >= 0) {
			return nil, fmt.Errorf("%w: pairs[%d], %q against %q: both must be players and no count negative", ErrInput, i, p.A, p.B)
		}
		matches[i] = preference.Match{A: a, B: b, WinsA: p.WinsA, WinsB: p.WinsB, Ties: ties}
	}
	firstPosition := in.FirstPosition || in.FirstEffect || in.OrderEffect
	fit, cause := preference.FitBradleyTerry(matches, len(in.Players), reference, firstPosition)
	byPlayer := func(value func(p int) float64) object {
		out := object{}
		for p, name := range in.Players {
			out[name] = value(p)
		}
		return out
	}
	out := object{
		"reference":             in.Reference,
		"ability":               byPlayer(func(p int) float64 { return fit.Ability[p] }),
		"se":                    byPlayer(func(p int) float64 { return fit.StdErr[p] }),
		"elo_400_log10":         byPlayer(func(p int) float64 { return preference.Elo(fit.Ability[p]) }),
		"win_prob_vs_reference": byPlayer(func(p int) float64 { return preference.WinProbability(fit.Ability[p]) }),
	}
	if firstPosition {
		out["first_position"], out["first_position_se"] = fit.FirstPosition, fit.FirstPositionStdErr
	}
	return withReason(out, cause), nil
}

func lengthFit(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Y          list    `json:"preference01"`
		Baseline   list    `json:"length_baseline"`
		Candidate  list    `json:"length_candidate"`
		Scale      float64 `json:"length_scale" input:"optional"` // else the standard deviation of the differences
		Difficulty list    `json:"difficulty" input:"optional"`
	}](input)
	if err != nil {
		return nil, err
	}
	n := len(in.Y)
	uneven := sameLength(n, len(in.Baseline), len(in.Candidate), rows(in.Difficulty, n))
	if err := cmp.Or(uneven, shares("preference01", in.Y)); err != nil {
		return nil, err
	}
	fit, cause := preference.FitLength(preference.LengthData{
		Y: in.Y, Control: in.Baseline, Treatment: in.Candidate, Difficulty: in.Difficulty, Scale: in.Scale,
	})
	out := object{
		"raw_win_rate": 100 * fit.Raw,
		"lc_win_rate":  100 * fit.Rate,
		"lc_se":        100 * fit.StdErr,
	}
	coefficients := map[string]preference.Coefficient{"intercept": fit.Intercept, "length": fit.Length}
	if in.Difficulty != nil {
		coefficients["difficulty"] = fit.Difficulty
	}
	for name, c := range coefficients {
		out[name], out["se_model_"+name], out["se_sandwich_"+name] = c.Value, c.ModelStdErr, c.SandwichStdErr
	}
	return withReason(out, cause), nil
}

func lengthPredict(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Intercept  float64 `json:"theta_intercept"`
		Slope      float64 `json:"theta_difficulty"`
		Length     float64 `json:"theta_length"` // without effect at equal length
		Difficulty list    `json:"instruction_difficulty"`
	}](input)
	if err != nil {
		return nil, err
	}
	rate, stdErr := preference.PredictLength(in.Intercept, in.Slope, in.Difficulty)
	return object{"length_controlled_winrate": 100 * rate, "lc_standard_error": 100 * stdErr}, nil
}

func styleControl(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Y         list     `json:"preference01"`
		Candidate table    `json:"candidate_features"`
		Baseline  table    `json:"baseline_features"`
		Names     []string `json:"feature_names"`
	}](input)
	if err != nil {
		return nil, err
	}
	err = cmp.Or(sameLength(len(in.Y), len(in.Candidate), len(in.Baseline)), shares("preference01", in.Y),
		in.Candidate.width(len(in.Names)), in.Baseline.width(len(in.Names)))
	if err != nil {
		return nil, err
	}
	fit, cause := preference.FitStyle(in.Y, in.Candidate, in.Baseline)
	return withReason(object{
		"raw_win_rate":              100 * fit.Raw,
		"style_controlled_win_rate": 100 * fit.AverageStyle,
		"equal_style_win_rate":      100 * fit.EqualStyle,
		"coef":                      append([]float64{fit.Intercept}, fit.Slope...),
		"feature_mean":              fit.Mean,
		"feature_sd":                fit.StdDev,
	}, cause), nil
}

// tokens is a list of pairs of a token and its log-probability.
type tokens []logprob.Token

func (t *tokens) UnmarshalJSON(b []byte) error {
	var pairs [][2]any
	if err := json.Unmarshal(b, &pairs); err != nil {
		return err
	}
	*t = make(tokens, len(pairs))
	for i, pair := range pairs {
		text, isText := pair[0].(string)
		logProb, isNumber := pair[1].(float64)
		if !isText || !isNumber {
			return fmt.Errorf("top_logprobs[%d] is not a pair of a token and its log-probability", i)
		}
		(*t)[i] = logprob.Token{Text: text, LogProb: logProb}
	}
	return nil
}

func logProbPreference(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Top     tokens `json:"top_logprobs"`
		First   string `json:"token_output_1"`
		Second  string `json:"token_output_2"`
		Swapped bool   `json:"swapped"`
	}](input)
	if err != nil {
		return nil, err
	}
	p := logprob.Choice(in.Top, in.First, in.Second)
	preferred := 2 - p
	if in.Swapped {
		preferred = 1 + p
	}
	return object{"p_output_1": p, "preference": preferred}, nil
}

func weightedScore(input json.RawMessage) (any, error) {
	in, err := decode[struct {
		Raw    float64 `json:"raw_score"`
		Tokens []struct {
			Token string `json:"token"`
			Top   tokens `json:"top_logprobs"`
		} `json:"tokens"`
	}](input)
	if err != nil {
		return nil, err
	}
	reply := make([]logprob.Position, len(in.Tokens))
	for i, t := range in.Tokens {
		reply[i] = logprob.Position{Text: t.Token, Top: t.Top}
	}
	return object{"weighted_score": logprob.Expected(in.Raw, reply, nil).Value}, nil
}
