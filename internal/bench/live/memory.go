package main

import "fmt"

// memory holds many streams open at once, in a router that has done nothing
// else.
func memory(s settings, on *stage) ([]line, error) {
	router, err := start("router", on.upstream.url, on.second.url)
	if err != nil {
		return nil, err
	}
	defer router.stop()
	if err := together(s.streams, router.longStream); err != nil {
		return nil, err
	}
	peak, err := router.peakMiB()
	if err != nil {
		return nil, err
	}
	used, err := on.router.peakMiB()
	return []line{{fmt.Sprintf("memory at its peak, %d concurrent streams", s.streams), "≤ 400 MiB", fmt.Sprintf("%d MiB", peak),
		fmt.Sprintf("the router of the other trials %d MiB", used)}}, err
}
