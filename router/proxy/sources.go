package proxy

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
	"golang.org/x/text/language"

	"weir/rollout/spec"
	"weir/router/protocol"
)

// sources is where in a request what is read from.
type sources struct {
	spec.Context
	paths map[string][]string // of body sources, split
	body  bool                // any of them is in the body
	geoip *maxminddb.Reader   // nil: the region is not looked up
}

func newSources(r *spec.Release) (*sources, error) {
	s := &sources{Context: r.Context, paths: map[string][]string{}}
	all := append([]spec.Source{s.Region}, s.Session...)
	all = append(all, s.User...)
	for _, of := range s.Attributes {
		all = append(all, of...)
	}
	for _, source := range all {
		if source.From == spec.FromBody {
			s.body = true
			s.paths[source.Name] = strings.Split(source.Name, ".")
		}
	}
	if s.Region.From == spec.FromGeoIP {
		file, err := maxminddb.Open(s.Region.Name)
		if err != nil {
			return nil, r.FaultAt("context.region", s.Region.Name+" cannot be read as a MaxMind database (.mmdb): "+err.Error(), "")
		}
		s.geoip = file
	}
	return s, nil
}

func (s *sources) close() error {
	if s.geoip == nil {
		return nil
	}
	return s.geoip.Close()
}

// first is the first of several sources that is present.
func (s *sources) first(of []spec.Source, h http.Header, body protocol.Fields) string {
	for _, source := range of {
		if v := s.one(source, h, body); v != "" {
			return v
		}
	}
	return ""
}

func (s *sources) one(source spec.Source, h http.Header, body protocol.Fields) string {
	switch source.From {
	case spec.FromHeader:
		return bounded(protocol.ID(h.Get(source.Name)))
	case spec.FromBody:
		return bounded(body.ID(s.paths[source.Name]...))
	}
	return ""
}

// attributes are those that are declared and present.
func (s *sources) attributes(h http.Header, body protocol.Fields) map[string]string {
	if len(s.Attributes) == 0 {
		return nil
	}
	out := make(map[string]string, len(s.Attributes))
	for name, of := range s.Attributes {
		if v := s.first(of, h, body); v != "" {
			out[name] = v
		}
	}
	return out
}

// region is the client's region: what a header or the body says, or the ISO
// code of the country that its address belongs to.
func (s *sources) region(h http.Header, body protocol.Fields, client netip.Addr) string {
	if s.geoip == nil {
		return s.one(s.Region, h, body)
	}
	var country string
	if err := s.geoip.Lookup(client).DecodePath(&country, "country", "iso_code"); err != nil {
		return ""
	}
	return country
}

// maxID bounds whatever is read from a request for its row, in bytes. Longer
// values are as unusable as absent ones.
const maxID = 512

func bounded(value string) string {
	if len(value) > maxID {
		return ""
	}
	return value
}

// languageOf is the language that the client likes best, by BCP 47.
func languageOf(h http.Header) string {
	accepted := h.Get("Accept-Language")
	if accepted == "" || len(accepted) > maxID {
		return ""
	}
	tags, _, err := language.ParseAcceptLanguage(accepted)
	if err != nil || len(tags) == 0 || tags[0] == language.Und {
		return ""
	}
	return tags[0].String()
}
