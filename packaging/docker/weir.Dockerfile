# Everything in one binary. DuckDB is a C++ library, so the image is Debian's slim one:
# it has glibc and, because apt needs it, libstdc++.
#   docker build -f packaging/docker/weir.Dockerfile -t weir .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -ldflags "-s -w" -o bin/weir ./cmd/weir && mkdir -p /empty/lake /empty/state

FROM debian:bookworm-slim
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build --chown=65532:65532 /empty /var/lib/weir
COPY --from=build /src/bin/weir /usr/local/bin/weir
USER 65532:65532
WORKDIR /var/lib/weir
VOLUME ["/var/lib/weir"]
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["/usr/local/bin/weir", "serve", "--healthcheck", "http://127.0.0.1:8081"]
ENTRYPOINT ["/usr/local/bin/weir"]
CMD ["serve", "--spec", "/etc/weir/weir.yaml", "--lake", "lake", "--state", "state", "--listen", "0.0.0.0:8080", "--admin", "0.0.0.0:8081", "--admin-exposed", "--log", "json"]
