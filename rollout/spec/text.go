package spec

import (
	"errors"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

var errNoName = errors.New("is not a name")

// name is what app, release, versions, rules and metrics are called.
var name = scalar("name", "letters, digits, '.', '_' and '-' (a number in quotes)", parseName, writeText,
	map[string]any{"type": "string", "pattern": nameForm.String()})

func parseName(l literal) (string, error) {
	if l.number || !isName(l.text) {
		return "", errNoName
	}
	return l.text, nil
}

// isName refuses what a folder cannot be called by.
func isName(text string) bool { return nameForm.MatchString(text) && text != "." && text != ".." }

// writeText leaves out what is empty.
func writeText(v string) any {
	if v == "" {
		return nil
	}
	return v
}

// confidential is a kind of text that no fault repeats: it may hold a secret.
// It may refer to the environment. The errors of check complete a sentence.
func confidential(name, want string, check func(text string) error) kind[string] {
	return kind[string]{
		name: name, want: want, write: writeText,
		schema: func() map[string]any { return map[string]any{"type": "string", "minLength": 1} },
		read: func(d *decoder, path string, into *string) {
			l, ok := d.literal(path)
			if !ok {
				return
			}
			err := check(l.text)
			switch {
			case l.number:
				d.fault(path, "found a number", "write "+want+", in quotes")
			case !wellFormed(l.text):
				d.fault(path, "a reference to the environment is not closed or not a name", "write ${NAME}")
			case err != nil:
				d.refuse(path, "this "+err.Error())
			default:
				*into = l.text
				d.refer(path, l.text)
			}
		},
	}
}

var (
	text   = confidential("text", "a text", checkText)
	link   = confidential("URL", "a URL such as http://127.0.0.1:9001", checkURL)
	target = confidential("URL", "a URL such as http://127.0.0.1:9001", checkTarget)
)

func checkText(text string) error {
	if text == "" || strings.ContainsAny(text, "\r\n\x00") {
		return errors.New("is empty or has a line break")
	}
	return nil
}

// checkURL wants an absolute HTTP URL. What refers to the environment is
// known only later.
func checkURL(text string) error {
	if err := checkText(text); err != nil || strings.Contains(text, "${") {
		return err
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errors.New("is not an http or https URL")
	}
	return nil
}

// checkTarget wants a URL that requests can be forwarded to.
func checkTarget(text string) error {
	if err := checkText(text); err != nil || strings.Contains(text, "${") {
		return err
	}
	_, err := ParseUpstream(text)
	return err
}

// ParseUpstream reads the URL of an upstream, without references to the
// environment: an absolute HTTP URL without what no request takes over. Its
// errors complete a sentence, and repeat nothing of the text.
func ParseUpstream(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, errors.New("is not an http or https URL")
	case !isPort(u.Port()):
		return nil, errors.New("has a port that is not from 1 to 65535")
	case u.User != nil:
		return nil, errors.New("has a user or a password, which requests do not take over (set_headers can set Authorization)")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("has a query or a fragment, which requests do not take over")
	}
	return u, nil
}

// isPort takes none, which is the scheme's own.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && n > 0
}

// nullable is a kind of text for which null stands for nothing.
func nullable(of kind[string]) kind[string] {
	read, schema := of.read, of.schema
	of.name += " | null"
	of.schema = func() map[string]any {
		return map[string]any{"anyOf": []any{schema(), map[string]any{"type": "null"}}}
	}
	of.read = func(d *decoder, path string, into *string) {
		if _, null := d.values[path].node.(*ast.NullNode); !null {
			read(d, path, into)
		}
	}
	return of
}

func allowName(text string) error {
	if !isName(text) {
		return errors.New(quote(text) + " is not a name: write letters, digits, '.', '_' and '-'")
	}
	return nil
}

func allowAny(string) error { return nil }

// allowHeader wants the name of an HTTP header, and does not repeat what may
// be its value.
func allowHeader(text string) error {
	if !headerForm.MatchString(text) {
		return errors.New("a header's name has characters that no header has")
	}
	return nil
}

// headerForm is token of RFC 9110, section 5.6.2.
var headerForm = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// canonicalHeader is the spelling under which a header's value is found.
func canonicalHeader(text string) string { return textproto.CanonicalMIMEHeaderKey(text) }

// label is what a column, an outcome or a built-in is called.
var label = scalar("text", "a name", func(l literal) (string, error) {
	if l.number || checkText(l.text) != nil {
		return "", errNoName
	}
	return l.text, nil
}, writeText, map[string]any{"type": "string", "minLength": 1})
