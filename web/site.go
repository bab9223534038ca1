package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed assets
var embedded embed.FS

// The policies keep a page from loading and running anything but itself, from
// reading text as markup, and from being shown inside another.
var policies = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

// A file is something that is served as it is.
type file struct {
	kind       string // content type
	tag        string
	plain, zip []byte
}

// A Site serves the pages. It reads only what is embedded.
type Site struct {
	files map[string]file // by path
}

// New gives the site with the pages of these paths, of [Dashboard] and
// [Dialogues]. The root leads to the first.
func New(pages ...string) *Site {
	s := &Site{files: map[string]file{}}
	names, err := fs.Glob(embedded, "assets/*")
	if err != nil {
		panic("web: " + err.Error())
	}
	for _, name := range names {
		content, err := embedded.ReadFile(name)
		if err != nil {
			panic("web: " + err.Error())
		}
		if path.Base(name) == "index.html" {
			for _, page := range pages {
				s.files[page] = fileOf(name, content)
			}
			continue
		}
		s.files["/"+name] = fileOf(name, content)
	}
	return s
}

// The pages.
const (
	Dashboard = "/"
	Dialogues = "/dialogues"
)

// kinds are the content types of what there is: not left to the machine's table.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

func fileOf(name string, content []byte) file {
	kind, ok := kinds[path.Ext(name)]
	if !ok {
		panic("web: " + name + " is of no kind that is served: " + mime.TypeByExtension(path.Ext(name)))
	}
	var zip bytes.Buffer
	z, err := gzip.NewWriterLevel(&zip, gzip.BestCompression)
	if err == nil {
		_, err = z.Write(content)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic("web: " + err.Error())
	}
	sum := sha256.Sum256(content)
	return file{kind, `"` + hex.EncodeToString(sum[:8]) + `"`, content, zip.Bytes()}
}

// ServeHTTP answers a page or what belongs to one.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, value := range policies {
		h.Set(name, value)
	}
	f, ok := s.files[r.URL.Path]
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "pages are read with GET", http.StatusMethodNotAllowed)
		return
	case !ok && r.URL.Path == "/":
		http.Redirect(w, r, Dialogues, http.StatusFound)
		return
	case !ok:
		http.Error(w, "there is no such page", http.StatusNotFound)
		return
	}
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.tag)
	h.Set("Cache-Control", "no-cache") // asked for again each time: a new Weir is seen at once
	h.Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("If-None-Match"), f.tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	content := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		content = f.zip
	}
	h.Set("Content-Length", fmt.Sprint(len(content)))
	if r.Method == http.MethodGet {
		w.Write(content)
	}
}
