package main

import (
	"errors"
	"strconv"

	"weir/rollout/plan"
)

// perDay is a flag's number of sessions a day; 0 where the flag is not given.
type perDay float64

// Set reads what the flag is given.
func (t *perDay) Set(text string) error {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n > 0 && n <= plan.MostTraffic) {
		return errors.New("write a number of sessions above 0 and up to 10 million")
	}
	*t = perDay(n)
	return nil
}

// Type names the value in help.
func (*perDay) Type() string { return "number" }

// String is empty where there is none, so that help shows no default.
func (t *perDay) String() string {
	if *t == 0 {
		return ""
	}
	return strconv.FormatFloat(float64(*t), 'g', -1, 64)
}
