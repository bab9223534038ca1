package reports

import "weir/rollout"

// files is what the analysis read.
type files struct {
	Shown []file
	// Left counts files that are not shown; totals are over all.
	Left        int
	Count       string
	Rows, Bytes string
}

// A file is one file of the lake.
type file struct {
	Path, Rows, Bytes, SHA256 string
}

// maxFiles bounds the list; the record has all.
const maxFiles = 200

func filesOf(fs []rollout.File) files {
	out := files{Left: max(0, len(fs)-maxFiles), Count: plural(int64(len(fs)), "file")}
	var rows, bytes int64
	for i, f := range fs {
		rows += f.Rows
		bytes += f.Bytes
		if i < maxFiles {
			out.Shown = append(out.Shown, file{visible(f.Path), count(f.Rows), bytesOf(f.Bytes), visible(f.SHA256)})
		}
	}
	out.Rows, out.Bytes = plural(rows, "row"), bytesOf(bytes)
	return out
}
