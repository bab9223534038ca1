package proxy

import (
	"regexp"

	"weir/rollout/spec"
	"weir/router/protocol"
)

// dated is the date at the end of a model's name, as in gpt-4o-mini-2024-07-18.
var dated = regexp.MustCompile(`-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$`)

// costOf is what a reply cost: what the version says, or its tokens at the
// price of its model; nil where either is unknown. Where nobody says how many
// input tokens came from a cache, none did.
func costOf(prices map[string]spec.Price, model string, u protocol.Usage) *float64 {
	if u.CostUSD != nil {
		return u.CostUSD
	}
	price, ok := prices[model]
	if !ok {
		price, ok = prices[dated.ReplaceAllString(model, "")]
	}
	if !ok || u.Input == nil || u.Output == nil {
		return nil
	}
	cached := int64(0)
	if u.Cached != nil {
		cached = min(*u.Cached, *u.Input)
	}
	cost := float64(*u.Input-cached)*price.Input + float64(cached)*price.Cached + float64(*u.Output)*price.Output
	return new(cost / price.Per)
}
