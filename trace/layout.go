package trace

import (
	"fmt"
	"path"
	"time"
)

// UnknownDate is the partition of rows that have no time.
const UnknownDate = "unknown"

// Date returns the partition of a row of that time: its UTC day, or
// UnknownDate for the zero time.
func Date(t time.Time) string {
	if t.IsZero() {
		return UnknownDate
	}
	return t.UTC().Format(time.DateOnly)
}

// Partition returns the folder, relative to the lake and with forward
// slashes, of a table's rows of one app and date.
func Partition(table, app, date string) string {
	return path.Join(table, "app="+app, "date="+date)
}

// CheckName returns an error unless name may name an app, a release or a version in files and
// folders: [A-Za-z0-9._-]+, and neither "." nor "..".
func CheckName(what, name string) error {
	ok := name != "" && name != "." && name != ".."
	for _, r := range name {
		ok = ok && (r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-')
	}
	if !ok {
		return fmt.Errorf("%s %q: allowed are letters, digits, dot, underscore and hyphen", what, name)
	}
	return nil
}
