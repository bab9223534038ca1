package live

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"weir/internal/atomicfile"
	"weir/internal/privacy"
)

// noteHashing keeps by which key ids are hashed, and warns where it was another
// before: the state's units are not found under it.
func (l *Live) noteHashing(app string, h *privacy.Hasher) {
	path, now := l.options.folder(app, "hashing"), h.Fingerprint()
	was, err := os.ReadFile(path)
	before := strings.TrimSpace(string(was))
	switch {
	case err == nil && before == now:
		return
	case err == nil && before != "":
		l.options.Log.Warn("ids are hashed by another key than before, or no longer as they were: who was there before is a new unit, is assigned anew, and is forgotten only with the former key; put that back, or begin a new release",
			"was", before, "is", now)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		l.options.Log.Warn("by which key ids were hashed before cannot be read", "error", err)
		return
	}
	if err = atomicfile.Write(path, []byte(now+"\n"), 0o600); err != nil {
		l.options.Log.Warn("by which key ids are hashed cannot be kept", "error", err)
	}
}
