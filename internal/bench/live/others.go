package main

// others are the proxies to compare with: a bare httputil.ReverseProxy, and
// nginx where it is installed.
type others []*process

// startOthers starts them in front of the upstream; missing says why nginx is not
// among them.
func startOthers(on *stage) (all others, missing, err error) {
	bare, err := start("bare", on.upstream.url, on.second.url)
	if err != nil {
		return nil, nil, err
	}
	nginx, missing := startNginx(on.upstream.url)
	if missing != nil {
		return others{bare}, missing, nil
	}
	return others{bare, nginx}, nil, nil
}

func (o others) stop() {
	for _, p := range o {
		p.stop()
	}
}
