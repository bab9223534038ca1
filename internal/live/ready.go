package live

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// readyWait is how long Ready waits for an answer.
const readyWait = 3 * time.Second

// Ready asks the control plane at a URL whether traffic is served. It is what a
// container without a shell checks its health with.
func Ready(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(url, "/")+"/readyz", nil)
	if err != nil || request.URL.Host == "" {
		return Wrong("--healthcheck %q: the URL of a control plane, such as http://127.0.0.1:8081", url)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return fmt.Errorf("not ready: %s: %s", response.Status, strings.TrimSpace(string(said)))
	}
	return nil
}
