package spec

// A Webhook is told what happens.
type Webhook struct {
	URL    string  // may refer to the environment
	Secret string  // signs each call; may refer to the environment; empty: unsigned
	On     []Event // what it is told
}

// An Event is something that happens in a release.
type Event int

// The events.
const (
	EventStep Event = iota // the share changed
	EventVerdict
	EventBreaker
	EventSRM // the sample ratio is not what was drawn
)

var eventNames = []string{"step", "verdict", "breaker", "srm"}

// String gives the event's name in the file.
func (e Event) String() string { return eventNames[e] }

var webhookKind = object(
	field("url", link, func(w *Webhook) *string { return &w.URL },
		"where to post").must(),
	field("secret", text, func(w *Webhook) *string { return &w.Secret },
		"signs each call").absent("calls are not signed"),
	field("on", or(list(enum[Event](eventNames)), []Event{EventStep, EventVerdict, EventBreaker, EventSRM}),
		func(w *Webhook) *[]Event { return &w.On },
		"events to tell"),
)
