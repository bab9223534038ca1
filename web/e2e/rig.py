"""A server to look at: two stand-ins, a judge, weir serve over a copy of the demo's lake, and users."""

import contextlib
import json
import pathlib
import random
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request

TOKENS = """operator operate,ingest key-of-operator
anna read key-of-anna
ci operate key-of-ci
"""

ADDRESS = re.compile(r"http://[0-9.]+:[0-9]+")

# What nobody should be able to do to a reader: markup, characters that turn the text, a line of a megabyte.
SCRIPT = '<script>window.hurt = 1</script><img src=x onerror="window.hurt = 2">'
TURNED = "user\u202egnp.exe\u2066 and \u200bhidden\x00"
LONG = "Ω" * 500_000 + "the end"

CHATS = {
    "en": ["Where is my order?", "I want my money back", "How do I reset my password?", "The discount was not applied"],
    "zh": ["我的订单在哪里？", "我想退款", "怎么重置密码？"],
}


class Rig(contextlib.ExitStack):
    """The server and all around it; ends with the block."""

    def __init__(self, weir, demo, folder, users=8, gap=0.6):
        super().__init__()
        self.weir, self.folder = str(weir), pathlib.Path(folder)
        self.users, self.gap = users, gap
        self.ending = threading.Event()
        self.lake = self.folder / "lake"
        shutil.copytree(pathlib.Path(demo) / "lake", self.lake, ignore=shutil.ignore_patterns("serve", "autopilot"))
        (self.folder / "tokens").write_text(TOKENS)
        self.spec = self.folder / "weir.yaml"
        self.plan = (pathlib.Path(demo) / "weir.yaml").read_text()

    def start(self):
        """Start all of it, and wait until it serves."""
        try:
            v1 = self.upstream("openai", "--seed", "1", "--latency", "400ms", "--first-token", "150ms", "--error-rate", "0.004")
            v2 = self.upstream("openai", "--seed", "2", "--latency", "450ms", "--first-token", "170ms", "--error-rate", "0.006")
            self.judge = self.upstream("judge", "--latency", "1ms")
            self.spec.write_text(self.specification(v1, v2))
            self.run("gate", "--lake", self.lake, "--spec", self.spec)
            self.serve()
            self.report()
            for n in range(self.users):
                threading.Thread(target=self.user, args=(n,), daemon=True).start()
        except BaseException:
            self.close()  # what was started so far
            raise
        return self

    def specification(self, v1, v2):
        """The demo's, with these addresses, and something of everything that a page shows."""
        text = self.plan
        for name, url in (("v1", v1), ("v2", v2)):
            text = re.sub(name + r': \{upstream: "[^"]*"', f'{name}: {{upstream: "{url}"', text)
        text = text.replace("capture: {content: 20%}", "capture: full")
        text = text.replace('user: ["header:X-User-Id"]', 'user: ["header:X-User-Id"]\n  attributes: {tier: "header:X-Tier"}')
        return text + f"""
environment: production
rules:
  - {{name: qa, when: 'headers["X-Feature-Flag"] == "v2"', version: v2}}
  - {{name: vip, when: 'attributes.tier == "gold"', split: 2%, from_share: 20%}}
webhooks: [{{url: "http://127.0.0.1:9/very-secret-path", on: [step, verdict, breaker]}}]
judge: {{endpoint: "{self.judge}/v1", models: [sim-model], rubrics: [support-quality], sample: {{rate: 10%}}, budget: {{calls: 600}}}}
"""

    def upstream(self, protocol, *flags):
        return self.process("sim-upstream", "--protocol", protocol, "--listen", "127.0.0.1:0", *flags)[1][0]

    def serve(self):
        self.server, (self.data, self.admin) = self.process(
            "serve", "--spec", self.spec, "--lake", self.lake, "--tokens", self.folder / "tokens",
            "--listen", getattr(self, "data", "http://127.0.0.1:0")[7:], "--admin", getattr(self, "admin", "http://127.0.0.1:0")[7:], "--publish", "2s", count=2)
        wait(lambda: self.call("GET", "/readyz"), "the server is not ready")

    def process(self, *args, count=1):
        """Start weir, and give the addresses that it names."""
        process = subprocess.Popen([self.weir, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")
        self.callback(end, process)
        self.last = process
        found, said = [], []
        while len(found) < count:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"weir {args[0]} ended: {''.join(said)}")
            said.append(line)
            found += ADDRESS.findall(line)
        process.said = said
        threading.Thread(target=lambda: said.extend(process.stdout), daemon=True).start()
        return process, found

    def run(self, *args, **more):
        return subprocess.run([self.weir, *map(str, args)], capture_output=True, text=True, encoding="utf-8", **more)

    def call(self, method, path, body=None, token="key-of-operator"):
        request = urllib.request.Request(self.admin + path, method=method, data=None if body is None else json.dumps(body).encode(), headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read() or b"null")

    def api(self, method, name, body=None, **more):
        return self.call(method, f"/v1/applications/support-bot/{name}", body, **more)

    def share(self, value, reason=""):
        return self.api("PATCH", "deployments", {"version": "v2", "target_environment": "production", "reason": reason, "traffic_control": {"strategy": "percentage", "value": value}})

    def report(self):
        """Requests that an application reports, with what no proxy sees, and with what nobody should write."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 30))
        base = {"started_at": now, "latency_ms": 1420, "ttft_ms": 310, "status": 200, "model": "sim-model", "input_tokens": 900, "output_tokens": 180, "release": "demo"}
        told = {**base, "trace_id": "told-1", "session_id": "told", "turn": 1, "assigned_version": "v2", "served_version": "v2", "attributes": {"tier": "gold", "intent": "refund"},
                "input": "The parcel came broken. Can I have my money back?", "output": "Yes: within 30 days of the delivery. I have opened a return for order 4711; the money is back within five days of its arrival.",
                "prompt": "You are the support assistant of a shop.", "tool_calls": '[{"name": "open_return", "arguments": {"order": 4711}}]',
                "retrieval": [{"rank": 1, "doc_id": "policy/returns", "score": 0.91, "text": "Goods may be returned within 30 days of delivery."}, {"rank": 2, "doc_id": "faq/refunds", "score": 0.74, "text": "Refunds take up to five days after the goods have arrived."}],
                "spans": [{"name": "retrieval", "start_ms": 0, "duration_ms": 180}, {"name": "rerank", "start_ms": 180, "duration_ms": 60}, {"name": "model", "start_ms": 245, "duration_ms": 1150}]}
        hostile = [{**base, "trace_id": f"hostile-{i}", "session_id": "hostile", "turn": i, "assigned_version": "v1", "served_version": "v1", "input": text, "output": text,
                    "retrieval": [{"rank": 1, "doc_id": SCRIPT, "score": 0.5, "text": text[:5000]}], "spans": [{"name": SCRIPT, "start_ms": 0, "duration_ms": 5}], "attributes": {"intent": SCRIPT}} for i, text in enumerate((SCRIPT, TURNED, LONG), 1)]
        case = [{**base, "trace_id": f"case-{v}", "session_id": f"run-{v}", "assigned_version": v, "served_version": v, "case_id": "case-7", "trial": 1, "release": "replay", "input": "Is the shop open on Sunday?", "output": answer} for v, answer in (("v1", "I do not know."), ("v2", "Yes, from 10 to 18."))]
        report = self.call("POST", "/v1/traces", {"traces": [told, *hostile, *case]})
        if report["accepted"] != 6:
            raise RuntimeError(f"reported traces were not kept: {report}")
        self.call("POST", "/v1/outcomes", [{"session_id": "told", "name": "resolved", "value": 1}, {"session_id": "told", "name": "satisfaction", "value": 5}])

    def user(self, n):
        chance = random.Random(n)
        while not self.ending.is_set():
            session = f"s-{n}-{time.time_ns()}"
            words = CHATS["zh" if chance.random() < 0.3 else "en"]
            for _ in range(chance.randint(1, 4)):
                body = {"model": "sim-model", "stream": True, "stream_options": {"include_usage": True}, "messages": [{"role": "user", "content": chance.choice(words)}]}
                request = urllib.request.Request(self.data + "/v1/chat/completions", data=json.dumps(body).encode(), headers={"Content-Type": "application/json", "X-Session-Id": session, "X-User-Id": f"u-{chance.randint(1, 300)}"})
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(request, timeout=20).read()
                if self.ending.wait(chance.expovariate(1 / self.gap)):
                    return

    def close(self):
        self.ending.set()
        super().close()

    def __exit__(self, *why):
        self.ending.set()
        return super().__exit__(*why)


def end(process):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError("weir does not end when it is told to") from None


def wait(happens, otherwise, within=60):
    """Wait until something is true; what it raises because the server is not there yet is no answer."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            if happens():
                return
        time.sleep(0.1)
    raise RuntimeError(otherwise)
