package live

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// pair writes the certificate and key of Go's test server, which is good for
// 127.0.0.1, and gives who trusts it.
func (p *place) pair() (certFile, keyFile string, trusting *http.Client) {
	p.Helper()
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	key, err := x509.MarshalPKCS8PrivateKey(s.TLS.Certificates[0].PrivateKey)
	if err != nil {
		p.Fatal(err)
	}
	certFile, keyFile = filepath.Join(p.dir, "cert.pem"), filepath.Join(p.dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: s.Certificate().Raw},
		keyFile:  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			p.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	p.Cleanup(transport.CloseIdleConnections)
	return certFile, keyFile, &http.Client{Transport: transport}
}

// inClear is an address without its encryption.
func inClear(url string) string { return strings.Replace(url, "https://", "http://", 1) }

func TestControlPlaneOverTLS(t *testing.T) {
	p := newPlace(t)
	certFile, keyFile, trusting := p.pair()
	p.client = trusting
	f := p.start(func(o *Options) { o.CertFile, o.KeyFile = certFile, keyFile })
	if !strings.HasPrefix(f.admin, "https://") || !strings.Contains(f.Greeting(), f.admin) {
		t.Errorf("%q does not say %s", f.Greeting(), f.admin)
	}
	res, err := trusting.Get(f.admin + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 || res.TLS == nil || res.TLS.Version < tls.VersionTLS12 {
		t.Errorf("%s, %+v", res.Status, res.TLS)
	}
	if res, err := http.Get(inClear(f.admin) + "/healthz"); err == nil {
		res.Body.Close()
		if res.StatusCode == 200 {
			t.Error("it answers in clear")
		}
	}
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}}}
	if res, err := old.Get(f.admin + "/healthz"); err == nil {
		res.Body.Close()
		t.Error("it speaks TLS 1.1")
	}
}

// Nothing is opened, and no traffic taken, by a process that could not be steered.
func TestUnusableCertificateIsRefusedFirst(t *testing.T) {
	p := newPlace(t)
	certFile, keyFile, _ := p.pair()
	for name, files := range map[string][2]string{
		"no such file": {filepath.Join(p.dir, "none.pem"), keyFile},
		"changed over": {keyFile, certFile},
		"no key":       {certFile, certFile},
	} {
		o := p.options()
		o.CertFile, o.KeyFile = files[0], files[1]
		_, err := New(o)
		var settings SettingsError
		if !errors.As(err, &settings) || !strings.Contains(err.Error(), files[0]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(p.dir, "lake")); !errors.Is(err, os.ErrNotExist) {
		t.Error("the lake was opened:", err)
	}
}

// written is a log's lines, as they come.
type written chan string

func (w written) Write(line []byte) (int, error) {
	w <- string(line)
	return len(line), nil
}

// What the servers themselves have to say is in the log, in its form.
func TestServersSpeakInTheLog(t *testing.T) {
	p := newPlace(t)
	lines := make(written, 1000)
	certFile, keyFile, trusting := p.pair()
	p.client = trusting
	f := p.start(func(o *Options) {
		o.CertFile, o.KeyFile, o.Log = certFile, keyFile, slog.New(slog.NewJSONHandler(lines, nil))
	})
	if res, err := http.Get(inClear(f.admin) + "/healthz"); err == nil {
		res.Body.Close()
	}
	for patience := time.After(10 * time.Second); ; {
		select {
		case line := <-lines:
			var entry struct{ Level, Msg string }
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			if strings.Contains(entry.Msg, "TLS handshake error") {
				if entry.Level != "WARN" {
					t.Error(line)
				}
				return
			}
		case <-patience:
			t.Fatal("the log says nothing of it")
		}
	}
}
