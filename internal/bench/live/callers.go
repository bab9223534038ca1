package main

import (
	"fmt"
	"strconv"
	"time"
)

// startCallers starts a process that makes requests to v2.
func startCallers(of *process, rate int, length time.Duration, answered second) (*process, error) {
	return start("callers", of.url, of.second, strconv.Itoa(rate), length.String(), string(answered))
}

// patience is how long a caller waits: longer than the router does for a head.
const patience = firstByte + time.Second

// call is that process.
func call(arguments []string) error {
	client.Timeout = patience
	p := &process{url: arguments[0], second: arguments[1]}
	rate, err := strconv.Atoi(arguments[2])
	if err != nil {
		return err
	}
	length, err := time.ParseDuration(arguments[3])
	if err != nil {
		return err
	}
	fmt.Println(p.url) // it begins
	return openLoop(rate, length, p.askSecond(second(arguments[4]))).err
}
