// Package web is the pages that people steer and read with: the dashboard and
// the browser of dialogues.
//
// They are plain modules, one style sheet and two catalogues of words, embedded
// and served as they are; there is no build step and no foreign code. Pages hold
// no data and need no token: whatever they show they ask the control plane for,
// with the token of who looks at them.
package web
