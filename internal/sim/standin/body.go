package standin

import (
	"encoding/json"
	"net/http"
)

// maxBody bounds what a stand-in reads of a request.
const maxBody = 64 << 20

// Read decodes a request's body, and says what is wrong with it where that
// cannot be done.
func Read(w http.ResponseWriter, r *http.Request, into any) error {
	return json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(into)
}

// JSON encodes a value that can be encoded.
func JSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("standin: " + err.Error())
	}
	return b
}

// Send answers at once, outside of any behaviour.
func Send(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(JSON(v))
}

// Dialogue names the dialogue of a request: by the header X-Session-Id, else
// by the first name given that is not empty.
func Dialogue(r *http.Request, names ...string) string {
	for _, name := range append([]string{r.Header.Get("X-Session-Id")}, names...) {
		if name != "" {
			return name
		}
	}
	return ""
}

// Event is a frame of server-sent events that carries data alone.
func Event(data []byte, token bool) Frame {
	return Frame{Text: "data: " + string(data) + "\n\n", Token: token}
}
