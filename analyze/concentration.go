package analyze

// A Concentration says how much of the data single units and users hold.
// Clustering by unit keeps the error rates, but a figure that hangs on a few units is
// no figure of the traffic, and sessions of one user are not independent.
type Concentration struct {
	// TopUnit is the largest share of an arm's requests that one unit makes.
	TopUnit ShareByArm `json:"top_unit"`
	// TopUser is the share of units that belong to the user with most; null
	// where no user holds 1 % of them, or rows have no users.
	TopUser Number `json:"top_user"`
	// UnitsPerUser is the mean; null where rows have no users. It is exact to some percent.
	UnitsPerUser Number `json:"units_per_user"`
}

// A ShareByArm is a share for each arm.
type ShareByArm struct {
	Control   Number `json:"control"`
	Treatment Number `json:"treatment"`
}

// The shares from which on a concentration is worth a warning, and the units
// from which on a share says anything.
const (
	maxTopUnit        = .01
	maxTopUser        = .01
	maxUnitsPerUser   = 3
	concentratedUnits = 1000
)

// concentration looks for units and users that make a large part of the data.
func (d Data) concentration(h *Health) *Concentration {
	share := func(part, whole int64) Number {
		if part <= 0 || whole <= 0 {
			return Unknown
		}
		return Number(float64(part) / float64(whole))
	}
	s, units := d.Service, d.Units.Control+d.Units.Treatment
	out := &Concentration{
		TopUnit: ShareByArm{share(s.TopUnit.Control, d.Units.Requests.Control), share(s.TopUnit.Treatment, d.Units.Requests.Treatment)},
		TopUser: share(s.TopUser, units), UnitsPerUser: share(s.UnitsWithUser, s.Users),
	}
	for _, x := range []struct {
		version string
		share   Number
		units   int64
	}{{d.Control, out.TopUnit.Control, d.Units.Control}, {d.Treatment, out.TopUnit.Treatment, d.Units.Treatment}} {
		if x.share >= maxTopUnit && x.units >= concentratedUnits {
			h.warn("one unit makes %.1f %% of %s's requests: a bot, or an id that many share; figures per request hang on it", 100*x.share, x.version)
		}
	}
	if d.Design.Unit == "user" || units < concentratedUnits {
		return out
	}
	switch {
	case out.TopUser >= maxTopUser:
		h.warn("one user holds %.1f %% of the units: sessions of one user are not independent; with unit: user they count as one", 100*out.TopUser)
	case out.UnitsPerUser >= maxUnitsPerUser:
		h.warn("a user holds %.1f units on average: if sessions of one user resemble each other, intervals are too narrow; with unit: user they count as one", out.UnitsPerUser)
	}
	return out
}
