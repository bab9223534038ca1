package traffic

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
)

// ids are the headers by which the router knows session and user.
func (d *Dialogue) ids() http.Header {
	d.Session = d.Name
	return http.Header{"X-Session-Id": {d.Name}, "X-User-Id": {d.User}}
}

// Plain speaks to the plain stand-in, at /chat.
type Plain struct{}

// Say implements [Protocol].
func (Plain) Say(ctx context.Context, c *http.Client, target string, d *Dialogue, said string) (Answer, error) {
	header := d.ids()
	body := map[string]string{"session": d.Name, "user": d.User, "message": said}
	if !d.Streaming {
		var answer struct{ Answer string }
		return d.post(ctx, c, target+"/chat", body, header, document(&answer, func() string { return answer.Answer }))
	}
	header.Set("Accept", "text/event-stream")
	text := ""
	a, err := d.post(ctx, c, target+"/chat", body, header, events(func(data string) (bool, error) {
		var e struct{ Piece, Error string }
		err := json.Unmarshal([]byte(data), &e)
		if text += e.Piece; e.Error != "" {
			err = errors.New(e.Error)
		}
		return data == "{}", err
	}))
	a.Text = text
	return a, err
}

// OpenAI speaks chat completions; the client carries the history.
type OpenAI struct {
	Key   string // empty: none
	Model string // empty: sim-model
}

// Say implements [Protocol].
func (o OpenAI) Say(ctx context.Context, c *http.Client, target string, d *Dialogue, said string) (a Answer, err error) {
	if o.Model == "" {
		o.Model = "sim-model"
	}
	asked := append(d.History[:len(d.History):len(d.History)], Message{"user", said})
	body := map[string]any{"model": o.Model, "messages": asked, "user": d.User}
	header := d.ids()
	if o.Key != "" {
		header.Set("Authorization", "Bearer "+o.Key)
	}
	text := ""
	if d.Streaming {
		body["stream"] = true
		a, err = d.post(ctx, c, target+"/v1/chat/completions", body, header, events(func(data string) (bool, error) {
			if data == "[DONE]" {
				return true, nil
			}
			piece, err := readChunk(data)
			text += piece
			return false, err
		}))
	} else {
		var answer struct{ Choices []struct{ Message Message } }
		a, err = d.post(ctx, c, target+"/v1/chat/completions", body, header, document(&answer, func() string {
			for _, choice := range answer.Choices {
				text += choice.Message.Content
			}
			return text
		}))
	}
	a.Text = text
	d.History = append(asked, Message{"assistant", text})
	return a, err
}

func readChunk(data string) (piece string, err error) {
	var chunk struct {
		Choices []struct{ Delta Message }
		Error   *struct{ Message string }
	}
	if err = json.Unmarshal([]byte(data), &chunk); err != nil {
		return "", err
	}
	if chunk.Error != nil {
		return "", errors.New(chunk.Error.Message)
	}
	for _, choice := range chunk.Choices {
		piece += choice.Delta.Content
	}
	return piece, nil
}

// Dify speaks to chat applications; the application gives the conversation its id.
type Dify struct {
	Key string // of the application; behind a router that sets its own, any
}

type difyEvent struct {
	Event        string
	Answer       string
	Message      string
	Conversation string `json:"conversation_id"`
	ID           string `json:"message_id"`
}

func (y Dify) header() http.Header { return http.Header{"Authorization": {"Bearer " + y.Key}} }

// Say implements [Protocol].
func (y Dify) Say(ctx context.Context, c *http.Client, target string, d *Dialogue, said string) (Answer, error) {
	body := map[string]any{"query": said, "inputs": map[string]any{}, "user": d.User, "response_mode": "blocking", "conversation_id": d.Session}
	header := y.header()
	if !d.Streaming {
		var answer difyEvent
		a, err := d.post(ctx, c, target+"/v1/chat-messages", body, header, document(&answer, func() string { return answer.Answer }))
		d.take(answer)
		return a, err
	}
	body["response_mode"] = "streaming"
	text := ""
	a, err := d.post(ctx, c, target+"/v1/chat-messages", body, header, events(func(data string) (bool, error) {
		var e difyEvent
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return false, err
		}
		d.take(e)
		switch e.Event {
		case "message", "agent_message":
			text += e.Answer
		case "message_replace":
			text = e.Answer
		case "error":
			return false, errors.New(e.Message)
		}
		return e.Event == "message_end" || e.Event == "workflow_paused", nil
	}))
	a.Text = text
	return a, err
}

func (d *Dialogue) take(e difyEvent) {
	if e.Conversation != "" {
		d.Session = e.Conversation
	}
	if e.ID != "" {
		d.Message = e.ID
	}
}

// Rate implements [Rater]: like, or dislike.
func (y Dify) Rate(ctx context.Context, c *http.Client, target string, d *Dialogue, like bool) error {
	if d.Message == "" {
		return errors.New("there is no answer to rate")
	}
	rating := map[bool]string{true: "like", false: "dislike"}[like]
	var result struct{ Result string }
	_, err := d.post(ctx, c, target+"/v1/messages/"+d.Message+"/feedbacks", map[string]any{"rating": rating, "user": d.User}, y.header(),
		document(&result, func() string { return result.Result }))
	return err
}
