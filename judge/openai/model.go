package openai

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	client "github.com/sashabaranov/go-openai"

	"weir/judge"
)

// Options are where and whom to ask.
type Options struct {
	// Endpoint is the service's URL, with the /v1 that most have.
	Endpoint string
	// Key is sent as a bearer token; empty for services that want none.
	Key   string
	Model string
	// Transport carries the calls; nil is one of the model's own.
	Transport http.RoundTripper
}

// idleConnections are kept open: as many as calls are ever under way, so that
// none waits for a handshake.
const idleConnections = 256

// A Model is one model of a service.
type Model struct {
	client  *client.Client
	name    string
	reasons bool // the client takes it for a reasoning model: neither probabilities nor a temperature
}

var _ judge.Model = (*Model)(nil)

// New checks the options. It calls nobody.
func New(o Options) (*Model, error) {
	at, err := url.Parse(o.Endpoint)
	switch {
	case err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "":
		return nil, fmt.Errorf("the judge's endpoint is no URL: write http:// or https://, a host, and mostly /v1")
	case at.User != nil || at.RawQuery != "":
		return nil, fmt.Errorf("the judge's endpoint holds a user or a query: keys belong into OPENAI_API_KEY or a key file")
	case strings.ContainsAny(o.Key, "\r\n"):
		return nil, fmt.Errorf("the judge's key has a line break inside")
	case o.Model == "":
		return nil, fmt.Errorf("the judge's model has no name")
	}
	config := client.DefaultConfig(o.Key)
	config.BaseURL = strings.TrimRight(o.Endpoint, "/")
	next := o.Transport
	if next == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = idleConnections
		next = own
	}
	config.HTTPClient = &http.Client{Transport: transport{next}, CheckRedirect: noRedirect}
	return &Model{client.NewClientWithConfig(config), o.Model, reasons(o.Model)}, nil
}

// noRedirect keeps the key where it was meant to go.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Complete asks once.
func (m *Model) Complete(ctx context.Context, r judge.Request) (judge.Reply, error) {
	seen := &exchange{words: r.Words, zero: r.Temperature == 0 && !m.reasons}
	answer, err := m.client.CreateChatCompletion(context.WithValue(ctx, exchangeKey{}, seen), m.request(r))
	if err != nil {
		return judge.Reply{}, failure(ctx, err, seen)
	}
	reply, err := read(answer, seen)
	reply.Took = seen.took
	return reply, err
}

func (m *Model) request(r judge.Request) client.ChatCompletionRequest {
	out := client.ChatCompletionRequest{
		Model: m.name, MaxCompletionTokens: r.MaxTokens, Seed: &r.Seed,
	}
	if r.Schema != nil {
		out.ResponseFormat = &client.ChatCompletionResponseFormat{
			Type:       client.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &client.ChatCompletionResponseFormatJSONSchema{Name: r.SchemaName, Schema: r.Schema, Strict: true},
		}
	}
	if !m.reasons { // the client refuses these of reasoning models before it asks
		out.LogProbs, out.TopLogProbs = r.LogProbs > 0, r.LogProbs
		out.Temperature = float32(r.Temperature)
	}
	for _, message := range r.Messages {
		out.Messages = append(out.Messages, client.ChatCompletionMessage{Role: string(message.Role), Content: message.Text})
	}
	return out
}

// reasons reports whether the client takes a model for a reasoning one.
func reasons(model string) bool {
	return client.NewReasoningValidator().Validate(client.ChatCompletionRequest{Model: model, LogProbs: true}) != nil
}
