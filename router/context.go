package router

import (
	"time"

	"weir/rollout/spec"
)

// A Context is what one request says. What it does not say is empty or nil.
type Context struct {
	Session string // id of the conversation
	User    string // id of the person

	// Bound are the ids in the request that a version handed out, the one that
	// says most first. Kinds of id that could coincide carry their kind.
	Bound []string
	// FollowUp marks a request that is no turn of a dialogue but about what a
	// bound id names: stop, feedback, files. It goes where the id belongs, also
	// when the unit was moved.
	FollowUp bool

	// Aside marks a request that is no part of any dialogue, such as a list of
	// models. It goes where its conversation or user goes, if one is known, and
	// assigns nobody.
	Aside bool

	// Headers gives the request's headers by canonical name (net/http). It is
	// called at most once, and only where there are rules to look at.
	Headers    func() map[string]string
	Attributes map[string]string // those that the specification declares
	Region     string
	Method     string
	Path       string

	// Fresh is random and unique to the request, such as its trace id: the unit
	// of a request without an id. It is never empty.
	Fresh string
	// At is the time of arrival: of a new assignment, and of every lookup.
	At time.Time
}

// request is the context as rules see it.
func (c *Context) request() spec.Request {
	q := spec.Request{
		Attributes: c.Attributes, User: c.User, Session: c.Session,
		Region: c.Region, Path: c.Path, Method: c.Method,
	}
	if c.Headers != nil {
		q.Headers = c.Headers()
	}
	return q
}

// unit is the id that is hashed.
func (c *Context) unit(of spec.Unit) string {
	id := c.Session
	if of == spec.UnitUser {
		id = c.User
	}
	if id != "" {
		return id
	}
	if c.Fresh == "" {
		panic("router: a request without an id needs a fresh one")
	}
	return c.Fresh
}
