// Package story tells a release from beginning to end over real HTTP: stand-ins
// for two versions, the router before them, users who talk to it and report how
// they fared, and the autopilot that looks, climbs and ends it. Its clock runs
// fast, so that weeks of a release pass in seconds; only the answers themselves
// take the time that they take.
//
// The demo tells one, and tests hold the founding ones to their endings.
package story
