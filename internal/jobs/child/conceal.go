package child

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// secretName is what variables that hold a secret are called.
var secretName = regexp.MustCompile(`(?i)KEY|TOKEN|SECRET|PASS|CREDENTIAL|AUTH`)

// userInfo is what stands before the host in a URL.
var userInfo = regexp.MustCompile(`://[^/\s@"]+@`)

// concealed stands for a secret.
const concealed = "[secret]"

// shortest is how many bytes a value has at the least to be taken for a secret:
// a shorter one would be found in other words.
const shortest = 4

// conceal takes the values of secret variables, and what logs on to a URL, out of a text.
func conceal(text string, env []string) string {
	var secrets []string
	for _, v := range env {
		name, value, _ := strings.Cut(v, "=")
		if len(value) >= shortest && secretName.MatchString(name) {
			secrets = append(secrets, value)
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // one may hold another
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, concealed)
	}
	return userInfo.ReplaceAllString(text, "://"+concealed+"@")
}
