package child

import "strings"

// An excerpt keeps the beginning and the end of what is written.
type excerpt struct {
	limit     int
	head, end []byte
	written   int
}

func (w *excerpt) Write(p []byte) (int, error) {
	w.written += len(p)
	fits := min(len(p), w.limit/4-len(w.head))
	w.head = append(w.head, p[:fits]...)
	w.end = append(w.end, p[fits:]...)
	if over := len(w.end) - w.room(); over > w.limit {
		w.end = append(w.end[:0], w.end[over:]...)
	}
	return len(p), nil
}

// left stands for what is left out.
const left = " … "

// room is how much of the end is kept.
func (w *excerpt) room() int { return w.limit - w.limit/4 - len(left) }

// String is what is kept. Of a Go program that crashed it is why, without the list
// of what its goroutines did.
func (w *excerpt) String() string {
	head, end := w.head, w.end[max(0, len(w.end)-w.room()):]
	text := string(head) + string(end)
	if len(head)+len(end) < w.written {
		text = string(head) + left + string(end)
	}
	if why, _, crashed := strings.Cut(text, "\n\ngoroutine "); crashed {
		text = why
	}
	why, _, _ := strings.Cut(text, "\n\nruntime stack:\n")
	return strings.TrimSpace(strings.ToValidUTF8(why, ""))
}
