# The data plane alone: one static binary, no shell, no C library, not root.
#   docker build -f packaging/docker/router.Dockerfile -t weir-router .
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make router && mkdir -p /empty/lake /empty/state

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /src/packaging/docker/passwd /etc/passwd
COPY --from=build --chown=65532:65532 /empty /var/lib/weir
COPY --from=build /src/bin/weir-router /usr/local/bin/weir-router
USER 65532:65532
WORKDIR /var/lib/weir
VOLUME ["/var/lib/weir"]
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["/usr/local/bin/weir-router", "--healthcheck", "http://127.0.0.1:8081"]
ENTRYPOINT ["/usr/local/bin/weir-router"]
CMD ["--spec", "/etc/weir/weir.yaml", "--lake", "lake", "--state", "state", "--listen", "0.0.0.0:8080", "--admin", "0.0.0.0:8081", "--admin-exposed", "--log", "json"]
