package webhook

import (
	"strings"
	"testing"
	"time"
)

// The vector is the one that Standard Webhooks publishes with its libraries.
func TestSignature(t *testing.T) {
	const secret, id, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	sign := func(secret string) string {
		k, err := keys(secret)
		if err != nil {
			t.Fatal(err)
		}
		return signature(k, id, time.Unix(1614265330, 0), []byte(body))
	}
	if got := sign(secret); got != want {
		t.Errorf("signed as %s, want %s", got, want)
	}
	// Two keys sign both; a key that is no base64 is taken as it is.
	both := strings.Fields(sign("another " + secret))
	if len(both) != 2 || both[1] != want || both[0] != sign("another") || both[0] == want {
		t.Errorf("signed as %s", both)
	}
	for _, bad := range []string{"", "  ", "whsec_", "whsec_%%%", "fine whsec_%"} {
		if k, err := keys(bad); err == nil {
			t.Errorf("%q has the keys %q", bad, k)
		}
	}
}
