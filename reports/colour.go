package reports

import "strings"

// A colour is one role of the palette, as #RRGGBB.
type colour struct {
	Role        string
	Light, Dark string
}

// palette is the colours of a report. Text and marks reach 4.5:1 and 3:1
// against the ground; a test holds that.
var palette = []colour{
	{"ground", "#FFFFFF", "#0F1318"},
	{"surface", "#F7F8FA", "#171C23"},
	{"hairline", "#DDE1E6", "#2B323C"},
	{"text", "#1A1F26", "#E8ECF1"},
	{"secondary", "#5B6673", "#9AA5B1"},
	{"accent", "#0072B2", "#56B4E9"},
	{"better", "#007A5A", "#35C29A"},
	{"worse", "#C44E00", "#F08A4B"},
	{"open", "#767676", "#8C96A3"},
	{"unknown", "#767676", "#8C96A3"},
}

// variables writes the palette as CSS: light, and dark on screens that ask
// for it or where the reader chooses it. Print is always light.
func variables() string {
	var light, dark strings.Builder
	for _, c := range palette {
		light.WriteString("--" + c.Role + ":" + c.Light + ";")
		dark.WriteString("--" + c.Role + ":" + c.Dark + ";")
	}
	return ":root{color-scheme:light;" + light.String() + "}\n" +
		"@media screen and (prefers-color-scheme:dark){:root:not(:has(#theme-light:checked)){color-scheme:dark;" + dark.String() + "}}\n" +
		"@media screen{:root:has(#theme-dark:checked){color-scheme:dark;" + dark.String() + "}}\n"
}
