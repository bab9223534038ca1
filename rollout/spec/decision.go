package spec

// A Decision is what a verdict needs.
type Decision struct {
	Method    Method
	Alpha     float64 // in (0, 0.5)
	Goals     Goals
	OnInvalid OnInvalid
}

// A Method says how often one may look.
type Method int

// The methods: valid at every look, or at one look only.
const (
	MethodSequential Method = iota
	MethodFixed
)

var methodNames = []string{"sequential", "fixed"}

// String gives the method's name in the file.
func (m Method) String() string { return methodNames[m] }

// Goals says what must be proven of the goals to promote.
type Goals int

// Every goal must be non-inferior; under GoalsSuperior at least one must be
// superior as well.
const (
	GoalsSuperior Goals = iota
	GoalsNonInferior
)

var goalsNames = []string{"superior", "non_inferior"}

// String gives the rule's name in the file.
func (g Goals) String() string { return goalsNames[g] }

// OnInvalid says what follows from data that cannot be trusted.
type OnInvalid int

// OnInvalidHalt stops climbing and, at the second invalid look, sends new
// units to stable; OnInvalidRollback rolls back.
const (
	OnInvalidHalt OnInvalid = iota
	OnInvalidRollback
)

var onInvalidNames = []string{"halt", "rollback"}

// String gives the consequence's name in the file.
func (o OnInvalid) String() string { return onInvalidNames[o] }

// Planning is what is expected of the traffic. It tunes the sequence where
// the lake has no history.
type Planning struct {
	SessionsPerDay float64
}

var decisionKind = object(
	field("method", enum[Method](methodNames), func(d *Decision) *Method { return &d.Method },
		"sequential is valid at every look, fixed at one look only"),
	field("alpha", or(number("a number above 0 and below 0.5", func(v float64) bool { return v > 0 && v < 0.5 },
		map[string]any{"exclusiveMinimum": 0, "exclusiveMaximum": 0.5}), 0.05), func(d *Decision) *float64 { return &d.Alpha },
		"bound of the probability of a wrong promotion, and of a wrong rollback, of the release"),
	field("goals", enum[Goals](goalsNames), func(d *Decision) *Goals { return &d.Goals },
		"to promote, every goal must be non-inferior; under superior at least one must be superior as well"),
	field("on_invalid", enum[OnInvalid](onInvalidNames), func(d *Decision) *OnInvalid { return &d.OnInvalid },
		"what follows from data that cannot be trusted; halt stops climbing, and at the second invalid look sends new units to stable"),
)

var planningKind = object(
	field("sessions_per_day", or(positiveNumber, 2000), func(p *Planning) *float64 { return &p.SessionsPerDay },
		"expected traffic; tunes the sequence where the lake has no history"),
)
