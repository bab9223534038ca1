package judging

import (
	"errors"
	"net/url"
	"os"
	"strings"

	"weir/judge"
	"weir/judge/openai"
)

// panel makes the models of the spec, with their prices.
func (j Job) panel() (judge.Panel, error) {
	p := judge.Panel{}
	var faults []error
	make := j.Model
	if make == nil {
		endpoint, err := j.Spec.ExpandEnv(j.Spec.Judge.Endpoint, os.LookupEnv)
		if err != nil {
			return p, setup("%w", err)
		}
		key, err := j.key()
		if err != nil {
			return p, setup("%w", err)
		}
		p.Endpoint = bare(endpoint)
		make = func(name string) (judge.Model, error) {
			return openai.New(openai.Options{Endpoint: endpoint, Key: key, Model: name})
		}
	}
	for _, name := range j.Spec.Judge.Models {
		m, err := make(name)
		faults = append(faults, err)
		p.Members = append(p.Members, judge.Member{Name: name, Model: m, Price: j.price(name)})
	}
	if err := errors.Join(faults...); err != nil {
		return p, setup("%w", err)
	}
	return p, nil
}

// key reads the service's key from the file that the spec names, else from the
// environment. A service may want none.
func (j Job) key() (string, error) {
	if j.Spec.Judge.KeyFile == "" {
		return os.Getenv("OPENAI_API_KEY"), nil
	}
	b, err := os.ReadFile(j.Spec.Judge.KeyFile)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(b)), nil
}

// bare is an endpoint by which a judge is told from another: without what may be
// a credential.
func bare(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + strings.TrimRight(u.Path, "/")
}

func (j Job) price(model string) *judge.Price {
	p, ok := j.Spec.Prices[model]
	if !ok {
		return nil
	}
	return &judge.Price{Input: p.Input / p.Per, Cached: p.Cached / p.Per, Output: p.Output / p.Per}
}
