// Package seams holds the project's imports to its map: which package may see
// which, so that each can be explained, imported and tested alone. The map is
// its test.
package seams
