"""Check what is packaged: by the validators of each format, and by doing what it says.

No container engine is needed. The steps of a Dockerfile are replayed: its COPY on a context cut by .dockerignore, its
RUN in that context, its last stage as a folder that holds nothing else, entered by chroot as its USER with an
environment of a token alone. The services of the compose file are started as processes, and requests go through them.

Run it as root with the validators of requirements.txt on the path: python3 packaging/check.py
"""

from __future__ import annotations

import contextlib
import fnmatch
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
PATIENCE = 30.0  # seconds until something that was started must answer
CHROOT = shutil.which("chroot") or "/usr/sbin/chroot"
UNSAFE = 2.0  # exposure that systemd-analyze may find, of 10

Instruction = tuple[str, str]


def run(*command: object, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """Run a command that must succeed, and return what it printed."""
    done = subprocess.run([*map(str, command)], cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{shlex.join(map(str, command))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def answer(url: str, body: object = None, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """Call a URL, again until something listens there."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})})
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return response.status, dict(response.headers), response.read()
        except urllib.error.HTTPError as e:
            return e.code, dict(e.headers), e.read()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


# --- Dockerfiles ---------------------------------------------------------------------------------------------


def stages(dockerfile: Path) -> list[list[Instruction]]:
    """Return the instructions of a Dockerfile, stage by stage."""
    found: list[list[Instruction]] = []
    for line in re.sub(r"\\\n", " ", dockerfile.read_text(encoding="utf-8")).splitlines():
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest.strip()))
    return found


def of(stage: list[Instruction], word: str) -> list[str]:
    """Return the arguments of a stage's instructions of that word."""
    return [rest for w, rest in stage if w == word]


def context(to: Path) -> None:
    """Copy what .dockerignore lets into a build, of what git knows."""
    rules = [
        r for r in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if r and not r.startswith("#")
    ]
    for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        kept = True
        parts = name.split("/")
        above = ["/".join(parts[:i]) for i in range(1, len(parts) + 1)]
        for rule in rules:
            pattern, keep = rule.removeprefix("!"), rule.startswith("!")
            names = parts if pattern.startswith("**/") else above
            if any(fnmatch.fnmatchcase(n, pattern.removeprefix("**/")) for n in names):
                kept = keep
        if kept and (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)


def build(dockerfile: Path, source: Path, image: Path) -> list[Instruction]:
    """Replay a Dockerfile: the first stage in source, the last as the folder image. Return the last one's words."""
    first, last = stages(dockerfile)
    for command in of(first, "RUN"):
        # The folders that the build makes at the root of its own image are made beside the source here.
        run("bash", "-ec", re.sub(r"(?<=\s)/empty", str(source / "empty"), command), cwd=source)
    for rest in of(last, "COPY"):
        words = [w for w in rest.split() if not w.startswith("--")]
        owner = re.search(r"--chown=(\d+):(\d+)", rest)
        for name in words[:-1]:
            here = Path(name.replace("/src/", f"{source}/").replace("/empty", f"{source}/empty"))
            there = image / words[-1].lstrip("/")
            there.parent.mkdir(parents=True, exist_ok=True)
            if here.is_dir():
                shutil.copytree(here, there)
            else:
                shutil.copy2(here, there)
            if owner:
                for path in (there, *there.rglob("*")):
                    os.chown(path, int(owner[1]), int(owner[2]))
    return last


def libraries(image: Path, binary: str) -> None:
    """Give an image of Debian's the libraries that its packages have, and only those."""
    of_debian = {"libc6", "libstdc++6", "libgcc-s1"}  # apt is in debian:bookworm-slim, and depends on all three
    for path in re.findall(r"(/\S+) \(0x", run("ldd", image / binary.lstrip("/"))):
        names = [path, os.path.realpath(path)] + [p.removeprefix("/usr") for p in (path, os.path.realpath(path))]
        owners = (subprocess.run(["dpkg", "-S", n], capture_output=True, text=True, check=False).stdout for n in names)
        owner = next((o.split(":")[0] for o in owners if o), "")
        if owner not in of_debian:
            sys.exit(f"{binary} needs {path} of {owner or 'no package'}, which the image has not")
        (image / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, image / path.lstrip("/"))


@contextlib.contextmanager
def entered(image: Path, user: str, command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a command in an image, as its user, with an environment of a token alone; it must end well at SIGTERM."""
    inside = [CHROOT, f"--userspec={user}", str(image), *command]
    with subprocess.Popen(inside, env={"WEIR_TOKEN": "secret"}, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()
            said = process.communicate(timeout=PATIENCE)[1]
        if process.returncode:
            sys.exit(f"{shlex.join(command)} ended with {process.returncode}\n{said}")


def serves(name: str, last: list[Instruction], image: Path, spec: str) -> None:
    """Start an image as its ENTRYPOINT and CMD say, at free ports, and let its own HEALTHCHECK look at it."""
    base = of(last, "FROM")[0]
    entry, command = json.loads(of(last, "ENTRYPOINT")[0]), json.loads(of(last, "CMD")[0])
    health = json.loads(of(last, "HEALTHCHECK")[0].partition("CMD ")[2])
    user, folder = of(last, "USER")[0], of(last, "WORKDIR")[0]
    if base == "scratch":
        if subprocess.run(["ldd", image / entry[0].lstrip("/")], capture_output=True, check=False).returncode == 0:
            sys.exit(f"{entry[0]} is not static")
    else:
        libraries(image, entry[0])
    (image / "etc/weir").mkdir(parents=True)
    (image / "etc/weir/weir.yaml").write_text(spec, encoding="utf-8")
    (image / "tmp").mkdir(mode=0o1777)
    data, admin = free_port(), free_port()

    def here(words: list[str]) -> list[str]:
        moved = [w.replace("8080", str(data)).replace("8081", str(admin)) for w in words]
        return [f"{folder}/{w}" if w in ("lake", "state") else w for w in moved]  # chroot starts at /

    with entered(image, user, here([*entry, *command])):
        answer(f"http://127.0.0.1:{admin}/healthz")
        with entered(image, user, here(health)) as looked:
            looked.wait(PATIENCE)
        status, headers, _ = answer(
            f"http://127.0.0.1:{data}/v1/chat/completions",
            {"model": "m", "messages": [{"role": "user", "content": "Hello"}]},
            {"X-Session-Id": "s-1"},
        )
        if status != 200 or headers.get("X-Weir-Version") != "v1":
            sys.exit(f"{name}: a request is answered with {status}, {headers}")
    if not list((image / folder.lstrip("/") / "lake").rglob("*.parquet")):
        sys.exit(f"{name}: nothing is in the lake")
    down = subprocess.run([CHROOT, f"--userspec={user}", image, *here(health)], capture_output=True, check=False)
    if down.returncode != 1:
        sys.exit(f"{name}: the health check of what has ended gives {down.returncode}, not 1")


# --- compose -------------------------------------------------------------------------------------------------


def compose(weir: Path, work: Path) -> None:
    """Start the services of compose.yaml as processes at free ports, and send a request through them."""
    services = yaml.safe_load((HERE / "docker/compose.yaml").read_text(encoding="utf-8"))["services"]
    spec = (HERE / "docker/weir.yaml").read_text(encoding="utf-8")
    ports: dict[str, int] = {}

    def moved(match: re.Match[str]) -> str:
        host, port = match[1], match[2]
        known = host if host in services else "weir" if port in ("8080", "8081") else ""
        return f"127.0.0.1:{ports.setdefault(f'{known}{port}', free_port())}"

    spec = re.sub(r"\b(v1|v2):(\d{4})", lambda m: moved(m), spec)
    (work / "weir.yaml").write_text(spec, encoding="utf-8")
    with contextlib.ExitStack() as stack:
        for name in ("v1", "v2", "weir"):
            words = [w.replace("0.0.0.0:", f"{name}:") for w in services[name]["command"]]
            words = [re.sub(r"\b(v1|v2|weir):(\d{4})", moved, w).replace("/etc/weir/", f"{work}/") for w in words]
            process = subprocess.Popen(
                [str(weir), *words], cwd=work, env={"WEIR_TOKEN": "secret"}, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait, PATIENCE)
            stack.callback(process.terminate)
        admin, data = ports["weir8081"], ports["weir8080"]
        share = {
            "version": "v2", "traffic_control": {"strategy": "percentage", "value": 0.5},
            "target_environment": "production", "enabled": True,
        }  # fmt: skip
        answer(f"http://127.0.0.1:{admin}/readyz")
        request = urllib.request.Request(
            f"http://127.0.0.1:{admin}/v1/applications/assistant/deployments", json.dumps(share).encode(),
            {"Authorization": "Bearer secret", "Content-Type": "application/json"}, method="PATCH",
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=10) as response:
            if response.status != 200:
                sys.exit(f"compose.yaml: the share is answered with {response.status}")
        seen = set()
        for n in range(30):
            status, headers, _ = answer(
                f"http://127.0.0.1:{data}/v1/chat/completions",
                {"model": "m", "messages": [{"role": "user", "content": "Hello"}]},
                {"X-Session-Id": f"s-{n}"},
            )
            seen.add((status, headers.get("X-Weir-Version")))
        if seen != {(200, "v1"), (200, "v2")}:
            sys.exit(f"compose.yaml: requests are answered with {seen}")


# --- manifests, units, the action ----------------------------------------------------------------------------


def containers(manifests: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Give each container of the deployments, with its pod."""
    for m in manifests:
        if m["kind"] == "Deployment":
            pod = m["spec"]["template"]["spec"]
            for c in pod["containers"]:
                yield f"{m['metadata']['name']}/{c['name']}", pod, c


def kubernetes(weir: Path, router: Path, work: Path) -> None:
    """Render both variants and hold them to the schemas, to what a restricted namespace wants, and to the programs."""
    for variant in ("serve", "router"):
        rendered = work / f"{variant}.yaml"
        rendered.write_text(run("kubectl", "kustomize", HERE / "kubernetes" / variant), encoding="utf-8")
        run("kubernetes-validate", "--strict", "--no-warn", rendered)
        manifests = list(yaml.safe_load_all(rendered.read_text(encoding="utf-8")))
        spec = next(m for m in manifests if m["kind"] == "ConfigMap")["data"]["weir.yaml"]
        (work / "weir.yaml").write_text(spec, encoding="utf-8")
        run(weir, "check", work / "weir.yaml")
        for name, pod, c in containers(manifests):
            context, own = pod["securityContext"], c["securityContext"]
            safe = (
                context["runAsNonRoot"] and context["seccompProfile"]["type"] == "RuntimeDefault"
                and not pod["automountServiceAccountToken"] and not own["allowPrivilegeEscalation"]
                and own["readOnlyRootFilesystem"] and own["capabilities"]["drop"] == ["ALL"]
                and c["resources"]["limits"]
            )  # fmt: skip
            if not safe:
                sys.exit(f"{variant}: {name} is not what a restricted namespace takes")
            program = router if "weir-router" in c["image"] else weir  # weir itself in both other images
            run(program, *c["args"], "--help")  # an unknown flag is refused before help is given
        one = next(m for m in manifests if m["kind"] == "Deployment" and m["metadata"]["name"] == "weir")
        if one["spec"]["replicas"] != 1 or one["spec"]["strategy"]["type"] != "Recreate":
            sys.exit(f"{variant}: more than one pod may write to one state")
        print(f"  {variant}: {len(manifests)} objects")


def systemd(weir: Path, router: Path, work: Path) -> None:
    """Verify the units against the programs that they start, and measure what they leave exposed."""
    for unit in sorted((HERE / "systemd").glob("*.service")):
        text = unit.read_text(encoding="utf-8")
        program = router if "ExecStart=/usr/local/bin/weir-router" in text else weir
        there = work / unit.name
        there.write_text(re.sub(r"(?<=ExecStart=)/usr/local/bin/[a-z-]+", str(program), text), encoding="utf-8")
        said = run("systemd-analyze", "verify", "--man=no", there)
        found = run("systemd-analyze", "security", "--offline=true", f"--threshold={UNSAFE * 10:.0f}", there)
        line = re.search(r"^ExecStart=\S+ (.*)$", text, re.M)
        run(program, *(line[1] if line else "").split(), "--help")
        print(f"  {unit.name}: {said}{found.strip().splitlines()[-1].lstrip('→ ')}")


def action(weir: Path, work: Path) -> None:
    """Run what the GitHub Action runs, on a simulated lake, and look at its outputs, its summary and its status."""
    for scenario, seed, status in (("better", 1, 0), ("worse", 1, 4)):
        lake = work / scenario
        run(weir, "simulate", "--scenario", scenario, "--seed", seed, "--lake", lake)
        made = {n: work / f"{scenario}-{n}" for n in ("summary", "output")}
        for path in made.values():
            path.touch()
        env = {
            **os.environ, "WEIR": str(weir), "RUNNER_TEMP": str(work / f"{scenario}-temp"),
            "SPEC": str(lake / "weir.yaml"),
            "CASES": "", "LAKE": str(lake), "RELEASE": "sim-1", "TRIALS": "2", "ALLOW": "",
            "GITHUB_STEP_SUMMARY": str(made["summary"]), "GITHUB_OUTPUT": str(made["output"]),
        }  # fmt: skip
        done = subprocess.run([HERE / "github/gate.sh"], env=env, capture_output=True, text=True, check=False)
        verdict = "promote" if status == 0 else "rollback"
        out = made["output"].read_text(encoding="utf-8")
        if done.returncode != status or f"verdict={verdict}\n" not in out or not made["summary"].stat().st_size:
            sys.exit(f"the action on {scenario}: status {done.returncode}, {out}{done.stdout}{done.stderr}")


def main() -> None:
    """Check everything; end with a message where something is wrong."""
    for tool in ("hadolint", "yamllint", "check-jsonschema", "kubernetes-validate", "kubectl", "systemd-analyze"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not here: see packaging/requirements.txt; kubectl and systemd come with Debian")
    if os.geteuid():
        sys.exit("chroot needs root")
    print("formats")
    run("yamllint", "--strict", "-c", HERE / "yamllint.yaml", HERE, ROOT / "examples/ci")
    run("hadolint", *(HERE / "docker").glob("*.Dockerfile"))
    for schema, file in (
        ("compose-spec", HERE / "docker/compose.yaml"), ("github-actions", HERE / "github/action.yml"),
        ("github-workflows", ROOT / "examples/ci/github.yaml"), ("gitlab-ci", ROOT / "examples/ci/gitlab-ci.yml"),
    ):  # fmt: skip
        run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", file)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        os.chmod(work, 0o755)  # noqa: S103 the users of the images go through it
        source = work / "source"
        context(source)
        upstreams = [free_port(), free_port()]
        spec = (HERE / "docker/weir.yaml").read_text(encoding="utf-8")
        spec = spec.replace("v1:9001", f"127.0.0.1:{upstreams[0]}").replace("v2:9002", f"127.0.0.1:{upstreams[1]}")
        print("images, replayed")
        images = {n: work / f"image-{n}" for n in ("weir", "router")}
        last = {}
        for name, image in images.items():
            last[name] = build(HERE / f"docker/{name}.Dockerfile", source, image)
            shutil.rmtree(source / "empty")
            size = sum(p.stat().st_size for p in image.rglob("*") if p.is_file())
            print(f"  {name}.Dockerfile: {size / 2**20:.0f} MiB beside its base", flush=True)
        weir, router = source / "bin/weir", source / "bin/weir-router"
        stand_in = subprocess.Popen(
            [weir, "sim-upstream", "--listen", f"127.0.0.1:{upstreams[0]}"], stderr=subprocess.DEVNULL
        )
        try:
            for name, image in images.items():
                serves(f"{name}.Dockerfile", last[name], image, spec)
        finally:
            stand_in.terminate()
            stand_in.wait()
        print("compose")
        (work / "compose").mkdir()
        compose(weir, work / "compose")
        print("kubernetes")
        kubernetes(weir, router, work)
        print("systemd")
        systemd(weir, router, work)
        print("action")
        action(weir, work)
    print("all of it is as it should be")


if __name__ == "__main__":
    main()
