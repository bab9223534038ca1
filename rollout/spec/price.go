package spec

// A Price is what Per tokens of a model cost, in Currency.
type Price struct {
	Input, Output, Cached, Per float64
	Currency                   Currency
}

// A Currency is what prices are in.
type Currency int

// CurrencyUSD is the only currency: costs are columns and metrics in USD.
const CurrencyUSD Currency = 0

var currencyNames = []string{"USD"}

// String gives the currency's ISO 4217 code.
func (c Currency) String() string { return currencyNames[c] }

var priceKind = object(
	field("input", amount, func(p *Price) *float64 { return &p.Input },
		"price of input tokens").must(),
	field("output", amount, func(p *Price) *float64 { return &p.Output },
		"price of output tokens").must(),
	field("cached", blank(amount), func(p *Price) *float64 { return &p.Cached },
		"price of input tokens read from a cache").absent("as input"),
	field("per", or(positiveNumber, 1e6), func(p *Price) *float64 { return &p.Per },
		"number of tokens that the prices are for"),
	field("currency", enum[Currency](currencyNames), func(p *Price) *Currency { return &p.Currency },
		"currency of the prices; costs are in USD"),
)
