package main

import (
	"encoding/binary"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A clock ticks at a fixed interval, to some microseconds: time.Sleep is late by
// up to a millisecond in a process that is otherwise idle, which is more than
// most requests take.
type clock struct {
	timer    *os.File // the system's (timerfd_create(2))
	due      time.Time
	interval time.Duration
	over     uint64 // ticks that came and were not given yet
}

// newClock starts a clock. Its first tick is an interval from now.
func newClock(interval time.Duration) (*clock, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	c := &clock{timer: os.NewFile(uintptr(fd), "timer"), due: time.Now(), interval: interval}
	every := unix.NsecToTimespec(interval.Nanoseconds())
	if err := unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Interval: every, Value: every}, nil); err != nil {
		c.stop()
		return nil, os.NewSyscallError("timerfd_settime", err)
	}
	return c, nil
}

// next waits for the next tick, and says when it was due. It skips none.
func (c *clock) next() (time.Time, error) {
	for c.over == 0 {
		var ticks [8]byte
		if _, err := c.timer.Read(ticks[:]); err != nil {
			return time.Time{}, err
		}
		c.over = binary.NativeEndian.Uint64(ticks[:])
	}
	c.over--
	c.due = c.due.Add(c.interval)
	return c.due, nil
}

func (c *clock) stop() { _ = c.timer.Close() }

// yield leaves the processors to whoever else wants them (sched(7): SCHED_IDLE),
// as a process on a machine of its own would.
func yield() error {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return err
	}
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return err
		}
		if err := unix.SchedSetAttr(id, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}, 0); err != nil {
			return os.NewSyscallError("sched_setattr", err)
		}
	}
	return nil
}
