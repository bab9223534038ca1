# Every target sets up what it needs, through the Go module proxy alone.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
ROUTER = bin/weir-router
export CGO_ENABLED = 1

.DEFAULT_GOAL := help

.PHONY: help
help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: router ## bin/weir and bin/weir-router
	go build -o bin/weir ./cmd/weir

# Arrow's compute kernels are linked in but never run: not inlining there takes 5 MB off.
.PHONY: router
router: ## bin/weir-router: the data plane alone, static, without cgo
	CGO_ENABLED=0 go build -trimpath -tags router,arrow_json_stdlib -gcflags='github.com/apache/arrow-go/v18/arrow/compute/...=-l' -ldflags "-s -w" -o $(ROUTER) ./cmd/weir-router

.PHONY: demo
demo: build ## a release over HTTP on this machine, a minute of it, and demo-out/report.html
	bin/weir demo --out demo-out

.PHONY: test
test: ## all tests
	go test ./...

.PHONY: race
race: ## tests of the concurrent packages under the race detector
	go test -race ./router/...
	go test -race -run "Reproducible|Processors|RunEnds|Progress|Callers" ./internal/sim
	go test -race -run "AtOnce|Lock" ./collector/parquet
	go test -race -run "AtOnce|Group|Sync|Linger|Reach|Server" ./internal/wal ./collector

.PHONY: lint
lint: ## formatting, vet, staticcheck, and what go.mod should hold
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "gofmt would change these"; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go mod tidy -diff

.PHONY: bench
bench: build ## benchmarks beside the code, the analysis against a bare query, the proxy against nginx, the judge beside its service
	go test -run '^$$' -bench . -benchtime 1x ./router/... ./collector/... ./internal/wal ./internal/privacy ./internal/sim/... ./analyze/...
	go run ./internal/bench
	go run ./internal/bench/live
	go run ./internal/bench/judge

.PHONY: validate
validate: ## hold the statistics and the rule to simulated truth, and write docs/validation.md (half an hour of one core)
	go run ./internal/validate -out docs/validation.md

.PHONY: docs
docs: ## write the pages and pictures that are generated from the code
	go generate ./collector/parquet
	go run ./internal/pictures
	go test -count=1 ./internal/docs -run 'TestKeys|TestGenerated' -update

.PHONY: notebooks
notebooks: build ## run the notebooks, write their outputs back, and hold weir.py to its types and tests
	test -d notebooks/.venv || python3 -m venv notebooks/.venv
	notebooks/.venv/bin/pip install --quiet -r notebooks/requirements-dev.txt
	cd notebooks && .venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy --strict *.py && .venv/bin/pytest
	cd notebooks && .venv/bin/python execute.py --write

.PHONY: clean
clean: ## what the other targets made
	rm -rf bin demo-out notebooks/.lakes notebooks/.venv
