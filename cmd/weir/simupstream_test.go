package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
)

// A stand-in listens where it says, answers, and ends with the command.
func TestSimUpstream(t *testing.T) {
	for protocol, call := range map[string][2]string{
		"openai": {"/v1/chat/completions", `{"messages": [{"role": "user", "content": "Do I have to print anything?"}]}`},
		"dify":   {"/v1/chat-messages", `{"query": "Do I have to print anything?", "inputs": {}, "user": "u"}`},
		"http":   {"/chat", `{"message": "Do I have to print anything?"}`},
	} {
		ctx, stop := context.WithCancel(context.Background())
		said, says := io.Pipe()
		status := make(chan int, 1)
		go func() {
			status <- run(ctx, []string{"sim-upstream", "--protocol", protocol, "--latency", "1ms", "--first-token", "0s"}, strings.NewReader(""), io.Discard, says)
		}()
		line, err := bufio.NewReader(said).ReadString('\n')
		_, url, ok := strings.Cut(strings.TrimSpace(line), "listens on ")
		if err != nil || !ok {
			t.Fatalf("%s: %q, %v", protocol, line, err)
		}
		request, _ := http.NewRequest(http.MethodPost, url+call[0], strings.NewReader(call[1]))
		request.Header.Set("Authorization", "Bearer app-sim")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != 200 || !strings.Contains(string(body), "The code on your telephone is enough.") || response.Header.Get("X-Simulated") == "" {
			t.Errorf("%s: %d %s", protocol, response.StatusCode, body)
		}
		stop()
		if got := <-status; got != 0 {
			t.Errorf("%s ends with %d", protocol, got)
		}
	}
}

func TestSimUpstreamRefuses(t *testing.T) {
	for _, c := range []struct{ flags, want string }{
		{"--protocol grpc", `--protocol "grpc": dify, openai, http or judge`},
		{"--faults crash=1%", `--faults: fault "crash" is none of`},
		{"--error-rate 2", "--error-rate: 2 is no share: between 0 and 1"},
		{"--resolved 0.9 --handoff 0.2", "--resolved and --handoff together: 1.1 is no share"},
		{"--protocol judge --length-bias 3", "--length-bias: 3 is no difference of qualities"},
		{"--protocol dify --mode chatflow", `--mode "chatflow": one of [chat agent-chat`},
		{"--protocol dify --mode workflow --workflows w", `--workflows: "w" is no ID=SHARE`},
		{"--listen nowhere", "--listen: "},
	} {
		var stderr strings.Builder
		want := statusUsage
		if strings.HasPrefix(c.flags, "--listen") {
			want = statusFailure
		}
		got := run(context.Background(), append([]string{"sim-upstream"}, strings.Fields(c.flags)...), strings.NewReader(""), io.Discard, &stderr)
		if got != want || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%s: %d, %s", c.flags, got, stderr.String())
		}
	}
}
