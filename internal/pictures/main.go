package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// pictures are the files of docs/img, by name.
var pictures = map[string]func() string{
	"peeking.svg":  peeking,
	"simpson.svg":  simpson,
	"clusters.svg": clusters,
	"margins.svg":  margins,
}

func main() {
	out := flag.String("out", "docs/img", "folder to write to")
	flag.Parse()
	for name, draw := range pictures {
		if err := os.WriteFile(filepath.Join(*out, name), []byte(draw()), 0o644); err != nil {
			fmt.Fprintf(os.Stderr, "pictures: %v\n", err)
			os.Exit(1)
		}
	}
}
