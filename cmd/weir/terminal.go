package main

import (
	"io"
	"os"
	"strconv"

	"github.com/mattn/go-isatty"
	"golang.org/x/sys/unix"
)

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// terminal says whether w takes colour, and how many columns it has; 0 where
// that is not known. NO_COLOR turns colour off, CLICOLOR_FORCE on.
func terminal(w io.Writer) (color bool, width int) {
	color = isTerminal(w) && os.Getenv("TERM") != "dumb"
	if os.Getenv("CLICOLOR_FORCE") != "" {
		color = true
	}
	if os.Getenv("NO_COLOR") != "" {
		color = false
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return color, n
	}
	if f, ok := w.(*os.File); ok {
		if size, err := unix.IoctlGetWinsize(int(f.Fd()), unix.TIOCGWINSZ); err == nil {
			width = int(size.Col)
		}
	}
	return color, width
}
