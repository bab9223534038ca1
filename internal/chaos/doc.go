// Package chaos kills the router while it serves, again and again, and looks at
// what its clients were told and at what the lake says: it is its test.
package chaos
