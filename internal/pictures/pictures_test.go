package main

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPictures holds docs/img to the program.
func TestPictures(t *testing.T) {
	for name, draw := range pictures {
		drawn := draw()
		if got, err := os.ReadFile(filepath.Join("../../docs/img", name)); err != nil || string(got) != drawn {
			t.Errorf("docs/img/%s is not what the program draws: run make docs (%v)", name, err)
		}
		for d := xml.NewDecoder(strings.NewReader(drawn)); ; {
			if _, err := d.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if strings.Contains(drawn, "NaN") || strings.Contains(drawn, "Inf") {
			t.Errorf("%s draws what is no number", name)
		}
	}
}
