package spec

import (
	"errors"
	"strings"
	"time"
)

// A Version is how one version of the application is reached.
type Version struct {
	Upstream    string // URL; may refer to the environment
	Protocol    Protocol
	Workflow    string // ID of the published workflow that calls are pinned to; empty: as the client says
	Timeout     Timeout
	MaxInFlight int               // requests at a time; more are an error of the version
	SetHeaders  map[string]string // set on every upstream request; values may refer to the environment
	AskUsage    bool              // where streams carry token counts only on demand, ask for them
	Capture     Capture
	Fallback    Fallback
	Health      Health
}

// A Protocol is what Weir understands of a version's bodies.
type Protocol int

// The protocols. ProtocolHTTP is passed through and timed.
const (
	ProtocolHTTP Protocol = iota
	ProtocolOpenAI
	ProtocolDify
)

var protocolNames = []string{"http", "openai", "dify"}

// String gives the protocol's name in the file.
func (p Protocol) String() string { return protocolNames[p] }

// A Fallback says who answers where a connection failed before any byte of
// the request was sent.
type Fallback int

// The fallbacks. FallbackNone: the client gets the error.
const (
	FallbackNone Fallback = iota
	FallbackStable
)

var fallbackNames = []string{"none", "stable"}

// String gives the fallback's name in the file.
func (f Fallback) String() string { return fallbackNames[f] }

// A Timeout bounds the parts of a request; each is above 0.
type Timeout struct{ Connect, FirstByte, Total time.Duration }

// A Capture says what is kept of request and response bodies. The zero value
// keeps nothing.
type Capture struct {
	Metadata bool  // model, token counts and the like
	Content  Share // of units whose texts are kept
}

// Health says how a version is probed.
type Health struct {
	Path string // empty: no probes
}

var versionKind = object(
	field("upstream", target, func(v *Version) *string { return &v.Upstream },
		"URL that requests are forwarded to, its path before theirs; without user, query and fragment").must(),
	field("protocol", enum[Protocol](protocolNames), func(v *Version) *Protocol { return &v.Protocol },
		"what is read from bodies and streams: usage, model, text, ids; http is passed through and timed"),
	field("workflow_id", text, func(v *Version) *string { return &v.Workflow },
		"published workflow that calls are pinned to, whatever the client asks for (protocol dify)").absent("as the client asks for"),
	field("timeout", timeoutKind, func(v *Version) *Timeout { return &v.Timeout },
		"bounds of a request; one that exceeds them is an error of the version"),
	field("max_in_flight", or(count, 256), func(v *Version) *int { return &v.MaxInFlight },
		"requests at a time; more are an error of the version"),
	field("set_headers", dict("NAME", text, allowHeader), func(v *Version) *map[string]string { return &v.SetHeaders },
		"headers set on every upstream request").absent("headers are forwarded as they came"),
	field("ask_usage", or(truth, true), func(v *Version) *bool { return &v.AskUsage },
		"streams are asked for token counts where the client does not (protocol openai); what comes of it is taken out again"),
	field("capture", or(either(captureWords, captureParts), captureFull), func(v *Version) *Capture { return &v.Capture },
		"what is kept of bodies: texts and metadata, metadata alone, nothing, or texts of a share of units"),
	field("fallback", enum[Fallback](fallbackNames), func(v *Version) *Fallback { return &v.Fallback },
		"who answers where the connection failed before any byte of the request was sent"),
	field("health", healthKind, func(v *Version) *Health { return &v.Health },
		"how the version is probed"),
)

var timeoutKind = object(
	field("connect", or(duration, 2*time.Second), func(t *Timeout) *time.Duration { return &t.Connect },
		"to open a connection"),
	field("first_byte", or(duration, 30*time.Second), func(t *Timeout) *time.Duration { return &t.FirstByte },
		"from the request to the first byte of the answer"),
	field("total", or(duration, 120*time.Second), func(t *Timeout) *time.Duration { return &t.Total },
		"from the request to the last byte of the answer"),
)

var captureFull = Capture{Metadata: true, Content: 1}

var captureWords = choice(word[Capture]{"full", captureFull}, word[Capture]{"metadata", Capture{Metadata: true}}, word[Capture]{"none", Capture{}})

var captureParts = starting(object(
	field("content", positiveShare, func(c *Capture) *Share { return &c.Content },
		"share of units whose texts are kept; metadata is kept of all").must(),
), func(c *Capture) { c.Metadata = true })

var route = confidential("path", "a path such as /health", func(text string) error {
	if !strings.HasPrefix(text, "/") {
		return errors.New("does not begin with /")
	}
	return checkText(text)
})

var healthKind = object(
	field("path", route, func(h *Health) *string { return &h.Path },
		"path that a probe asks for").absent("no probes"),
)

// checkArms wants two versions.
func checkArms(d *decoder, r *Release) {
	if r.Stable != "" && r.Stable == r.Candidate {
		d.fault("candidate", quote(r.Candidate)+" is the stable version", "write the version under test")
	}
}

// checkVersions wants both arms among the versions, if there are any.
func checkVersions(d *decoder, r *Release) {
	if !d.has("versions") {
		return
	}
	for _, arm := range []struct{ path, version string }{{"stable", r.Stable}, {"candidate", r.Candidate}} {
		if _, ok := r.Versions[arm.version]; !ok && arm.version != "" {
			d.fault(arm.path, quote(arm.version)+" is not one of the versions", "add it there")
		}
	}
	for name, v := range r.Versions {
		if v.Workflow != "" && v.Protocol != ProtocolDify {
			d.fault(under(under("versions", name), "workflow_id"), "only Dify has published workflows", "write protocol: dify, or leave it out")
		}
	}
	if r.Versions[r.Stable].Fallback == FallbackStable {
		d.fault(under(under("versions", r.Stable), "fallback"), "stable cannot fall back on itself", "write none")
	}
}
