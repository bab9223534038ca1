package spec

import (
	"fmt"
	"regexp"
	"strings"
)

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// under is the path of a key inside path: metrics[2] and margin give
// metrics[2].margin. A key that could be mistaken for a path is quoted.
func under(path, key string) string {
	switch {
	case !plainKey.MatchString(key):
		return fmt.Sprintf("%s[%q]", path, key)
	case path == "":
		return key
	}
	return path + "." + key
}

// item is the path of a list's element.
func item(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// parent is the path of what holds the value at path; the root is empty.
func parent(path string) string {
	end := strings.LastIndexByte(path, '.')
	switch {
	case strings.HasSuffix(path, `"]`):
		end = strings.LastIndex(path, `["`)
	case strings.HasSuffix(path, "]"):
		end = strings.LastIndexByte(path, '[')
	}
	return path[:max(end, 0)]
}

// At is the path of a key inside others, outermost first.
func At(keys ...string) string {
	path := ""
	for _, key := range keys {
		path = under(path, key)
	}
	return path
}
