package trace

import "time"

// A Loss counts exchanges of one version that happened and are not in the
// lake: a row of the losses table. Loss that differs between arms is bias, so
// whoever drops a row says of which arm.
type Loss struct {
	LossID    string
	App       string
	Release   string
	Version   string // null where not even the arm is known
	Reason    string // such as bad_row, disk_full, queue_full
	Rows      int64
	StartedAt time.Time // the window in which they were lost; zero where unknown
	EndedAt   time.Time
	Source    string // file or instance that lost them
}
