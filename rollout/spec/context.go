package spec

import (
	"errors"
	"net/netip"
	"strings"
)

// Context says where in a request to read what from. Of several sources the
// first that is present wins.
type Context struct {
	Session, User  []Source
	Attributes     map[string][]Source // declared, so that a misspelt one is refused
	Region         Source              // From is FromNowhere where no region is read
	TrustedProxies []netip.Prefix      // whose X-Forwarded-For counts
}

// A Source is one place of a request.
type Source struct {
	From From
	Name string // of a header, in its canonical spelling; a dotted path in a JSON body; a file
}

// From is the kind of a source.
type From int

// The kinds of source.
const (
	FromNowhere From = iota
	FromHeader
	FromBody
	FromGeoIP // the client's address, looked up in a MaxMind database
)

var fromNames = []string{"", "header", "body", "geoip"}

// String gives the kind's name in the file.
func (f From) String() string { return fromNames[f] }

// String gives the source as it is written; empty for none.
func (s Source) String() string {
	if s.From == FromNowhere {
		return ""
	}
	return s.From.String() + ":" + s.Name
}

func parseSource(l literal) (Source, error) {
	from, name, _ := strings.Cut(l.text, ":")
	switch {
	case from == "header" && headerForm.MatchString(name):
		return Source{FromHeader, canonicalHeader(name)}, nil
	case from == "body" && name != "":
		return Source{FromBody, name}, nil
	}
	return Source{}, errors.New("is not a place in a request")
}

func parseRegion(l literal) (Source, error) {
	if file, ok := strings.CutPrefix(l.text, "geoip:"); ok && file != "" {
		return Source{FromGeoIP, file}, nil
	}
	return parseSource(l)
}

func writeSource(s Source) any { return writeText(s.String()) }

var (
	source = scalar("source", `"header:NAME" or "body:PATH"`, parseSource, writeSource,
		map[string]any{"type": "string", "pattern": "^(header|body):.+$"})
	regionSource = scalar("source", `"header:NAME", "body:PATH" or "geoip:FILE.mmdb"`, parseRegion, writeSource,
		map[string]any{"type": "string", "pattern": "^(header|body|geoip):.+$"})
	sources = oneOrMore(source)
	prefix  = scalar("network", "a network such as 127.0.0.0/8, or an address", parsePrefix,
		func(p netip.Prefix) any { return p.String() }, map[string]any{"type": "string"})
)

func parsePrefix(l literal) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(l.text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(l.text)
	if err != nil {
		return p, errors.New("is not a network")
	}
	return p.Masked(), nil
}

var contextKind = object(
	field("session", or(sources, []Source{{FromHeader, "X-Session-Id"}, {FromBody, "conversation_id"}}),
		func(c *Context) *[]Source { return &c.Session },
		"id of the conversation"),
	field("user", or(sources, []Source{{FromHeader, "X-User-Id"}, {FromBody, "user"}}),
		func(c *Context) *[]Source { return &c.User },
		"id of the person"),
	field("attributes", dict("NAME", sources, allowName), func(c *Context) *map[string][]Source { return &c.Attributes },
		"what else rules and segments may name").absent("rules can name no attribute"),
	field("region", regionSource, func(c *Context) *Source { return &c.Region },
		"region of the client").absent("the region is unknown"),
	field("trusted_proxies", list(prefix), func(c *Context) *[]netip.Prefix { return &c.TrustedProxies },
		"networks whose X-Forwarded-For counts").absent("no X-Forwarded-For counts"),
)
