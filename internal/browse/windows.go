package browse

import (
	"slices"
	"time"

	"weir/analyze/lake"
	"weir/collector/parquet"
	"weir/trace"
)

// A window is a stretch of time whose requests are looked through at once.
type window struct {
	from, to time.Time      // to is excluded; zero: no bound
	untimed  bool           // it holds the requests without a time, and those alone
	files    []parquet.File // of traces that its requests are in
	rows     int64          // about so many requests
}

// A window holds about so many requests: the first few, so that the first page comes
// soon, and each further one twice as many, up to what bounds memory.
const (
	firstWindow = 200_000
	mostWindow  = 2_000_000
)

// windows cuts the requests between two times into windows, the latest first. A zero
// time is no bound. Days stay whole where whole says so, as texts lie by days; the first
// window holds size requests.
func windows(files []parquet.File, from, to time.Time, whole bool, size int64) (out []window) {
	byDay := map[string][]parquet.File{}
	var days []string
	for _, f := range files {
		if !within(f.Date, from, to) {
			continue
		}
		if byDay[f.Date] == nil && f.Date != trace.UnknownDate {
			days = append(days, f.Date)
		}
		byDay[f.Date] = append(byDay[f.Date], f)
	}
	slices.Sort(days)
	current := window{to: to}
	for _, day := range slices.Backward(days) {
		start, err := time.Parse(time.DateOnly, day)
		if err != nil {
			continue // no day: other readers pass over such a folder too
		}
		rows := rowsOf(byDay[day])
		parts := max(1, (rows+size-1)/size)
		if whole {
			parts = 1
		}
		length := 24 * time.Hour / time.Duration(parts)
		for i := range slices.Backward(make([]struct{}, parts)) {
			current.from = start.Add(time.Duration(i) * length)
			current.rows += rows / parts
			current.add(byDay[day])
			if current.rows >= size {
				out = append(out, current)
				current = window{to: current.from}
				size = min(2*size, max(size, mostWindow))
			}
		}
	}
	if current.rows > 0 {
		out = append(out, current)
	}
	if len(out) > 0 {
		out[len(out)-1].from = from
	}
	if loose := byDay[trace.UnknownDate]; len(loose) > 0 {
		out = append(out, window{untimed: true, files: loose, rows: rowsOf(loose)})
	}
	return out
}

// add adds those of the files that may hold requests of the window.
func (w *window) add(files []parquet.File) {
	for _, f := range files {
		known := !f.First.IsZero() && !f.Last.IsZero()
		outside := known && (f.Last.Before(w.from) || !w.to.IsZero() && !f.First.Before(w.to))
		if !outside && !slices.ContainsFunc(w.files, func(g parquet.File) bool { return g.Path == f.Path }) {
			w.files = append(w.files, f)
		}
	}
}

// undated is the place before all requests without a time, which stand at 1970.
var undated = time.UnixMicro(1)

// after leaves out the windows that hold nothing that follows a place.
func after(list []window, place lake.Place) []window {
	i := slices.IndexFunc(list, func(w window) bool {
		switch {
		case w.untimed:
			return true
		case !place.Last.After(undated):
			return false
		}
		return w.from.Before(place.Last) || place.Session != "" && w.from.Equal(place.Last)
	})
	if i < 0 {
		return nil
	}
	return list[i:]
}

func rowsOf(files []parquet.File) (n int64) {
	for _, f := range files {
		n += f.Rows
	}
	return n
}
