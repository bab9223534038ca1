package spec

import (
	"bytes"
	"errors"

	"github.com/goccy/go-yaml/ast"

	"weir/internal/yamltree"
)

// Parse reads and checks a specification. File is its name in faults. The
// error is [Faults]: all that is wrong, by position.
func Parse(file string, src []byte) (*Release, error) {
	d := newDecoder(file)
	body := d.parse(src)
	if d.faults != nil {
		return nil, d.faults
	}
	r := releaseKind.zero()
	readAt(d, releaseKind, body, "", &r)
	r.resolve(d.has)
	check(d, &r)
	if err := d.faults.Err(); err != nil {
		return nil, err
	}
	r.references, r.places = d.references, d.places()
	return &r, nil
}

// check finds what no single value shows.
func check(d *decoder, r *Release) {
	checkArms(d, r)
	checkVersions(d, r)
	checkRules(d, r)
	checkRamp(d, r)
	checkMetrics(d, r)
	checkJudge(d, r)
	checkPrivacy(d, r)
}

// parse gives the root of the file.
func (d *decoder) parse(src []byte) ast.Node {
	root, err := yamltree.Parse(d.file, "specification", src)
	if errors.As(err, &d.faults) {
		f := &d.faults[0]
		lines := bytes.Split(src, []byte("\n"))
		if f.Hint == "" && f.Line <= len(lines) && bytes.Contains(lines[f.Line-1], []byte("${")) {
			f.Hint = `inside { } and [ ] write "${NAME}" in quotes`
		}
	}
	return root
}
