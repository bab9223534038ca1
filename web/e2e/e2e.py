"""The pages in a real Chromium, before a real server: e2e.py WEIR DEMO-OUT AXE.JS.

Each function that begins with test_ is a test; they run in the order in which they stand, on one server.
"""

import json
import pathlib
import re
import sys
import tempfile
import time
import traceback

from playwright.sync_api import expect, sync_playwright

from browser import chromium, entered, opened
from rig import LONG, SCRIPT, TURNED, Rig, wait

PAGES = {
    "dashboard": "/", "found": "/dialogues", "read": "/dialogues?session=told&at=told", "pair": "/dialogues?case=case-7&at=run-v1",
    "hostile": "/dialogues?session=hostile&at=hostile", "sets": "/dialogues?view=label",
}


def settled(page):
    """Wait until a page shows what it is about."""
    page.wait_for_selector(".connection.live, .sessions li, .sets, .sides, .labelling form")
    if "at=" in page.url:
        page.wait_for_selector(".reading article")


def calm(page):
    if page.complaints:
        raise AssertionError(f"the console says {page.complaints}")


def test_login(browser, rig):
    page = opened(browser)
    page.goto(rig.admin + "/")
    page.fill("#token", "wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not taken")
    page.fill("#token", "key-of-operator")
    page.keyboard.press("Enter")
    expect(page.locator("#connection")).to_have_text("live")
    expect(page.locator("#rollback")).to_be_visible()
    if page.evaluate("document.cookie") or page.evaluate("localStorage.length") != 0 or rig.admin != page.evaluate("location.origin"):
        raise AssertionError("the token, or something, is kept where it should not be")
    other = page.context.new_page()  # the token is that tab's alone
    other.goto(rig.admin + "/")
    expect(other.locator("#token")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#token")).to_be_visible()
    page.reload()
    expect(page.locator("#token")).to_be_visible()


def test_reader_has_no_buttons(browser, rig):
    page = entered(browser, rig, "key-of-anna")
    expect(page.locator("#figure-rate")).to_be_visible()
    expect(page.locator("#split-title")).to_contain_text("demo")
    if page.locator("#rollback, #share, #pause, #promote").count() != 0:
        raise AssertionError("who may only read is shown buttons")
    calm(page)


def test_numbers_move(browser, rig):
    page = entered(browser, rig)
    rate = page.locator("#figure-rate td.number").first
    expect(rate).to_contain_text("/s")
    before = rate.inner_text()
    expect(rate).not_to_have_text(before)
    expect(page.locator("#figure-latency_p95_ms td.number").first).to_contain_text(re.compile("ms|s"))
    expect(page.locator(".verdict .sentence")).to_contain_text("Promote.")
    expect(page.locator(".plot .metric")).to_have_count(4)
    calm(page)


def test_no_secret_is_in_the_page(browser, rig):
    page = entered(browser, rig)
    settled(page)
    said = page.content() + json.dumps(rig.api("GET", "plan"))
    for secret in ("very-secret-path", "key-of-operator", rig.judge, str(rig.folder)):
        if secret in said:
            raise AssertionError(f"the page has {secret}")


def test_share_is_set(browser, rig):
    page = entered(browser, rig)
    page.get_by_role("button", name="Set share").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.type("30")
    expect(dialog).to_contain_text("30 % of new conversations go to v2, 70 % to v1")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#said")).to_contain_text("30 % of new conversations go to v2, since")
    expect(page.locator(".split")).to_have_attribute("aria-label", "v1 70 %, v2 30 % of new conversations")
    expect(page.locator(".events li").first).to_contain_text("share 30 % · by operator")
    if rig.api("GET", "deployments")["share"] != 0.3:
        raise AssertionError("the page says what is not so")
    page.get_by_role("button", name="Set share").click()
    page.locator("input[name=share]").fill("130")  # the browser refuses it
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    calm(page)


def test_pause_and_resume(browser, rig):
    page = entered(browser, rig)
    page.locator("#resume").click()
    page.get_by_role("dialog").get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    page.get_by_label("Reason").fill("lunch")
    page.keyboard.press("Enter")
    expect(page.locator(".events li").first).to_contain_text("paused · by operator · lunch")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_who_came_first_is_told(browser, rig):
    page = entered(browser, rig)
    expect(page.locator(".split")).to_be_visible()
    page.get_by_role("button", name="Set share").click()
    page.locator("input[name=share]").fill("25")
    rig.call("PATCH", "/v1/applications/support-bot/deployments", {"version": "v2", "target_environment": "production", "reason": "faster", "traffic_control": {"strategy": "percentage", "value": 0.1}}, token="key-of-ci")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("somebody came first")
    expect(dialog).to_contain_text("share 10 % · by ci · faster")
    if rig.api("GET", "deployments")["share"] != 0.1:
        raise AssertionError("it was changed all the same")
    dialog.get_by_role("button", name="Set share all the same").click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".split")).to_have_attribute("aria-label", re.compile("v2 25 %"))
    page.complaints = [c for c in page.complaints if "412" not in c]
    calm(page)


def test_tester_explains(browser, rig):
    page = entered(browser, rig)
    page.get_by_label("Headers, one a line").fill("X-Feature-Flag: v2")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".answer")).to_contain_text("v2 by rule qa, the first that it meets.")
    expect(page.locator(".answer")).to_contain_text("in no test")
    page.get_by_label("Headers, one a line").fill("")
    page.get_by_label("Session").fill("somebody-new")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".answer")).to_contain_text("drawn by the hash of its unit")


def test_chinese_is_a_whole_language(browser, rig):
    page = entered(browser, rig)
    settled(page)
    page.get_by_role("button", name="中文").click()
    page.wait_for_selector("body.entered")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    for path in PAGES.values():
        page.goto(rig.admin + path)
        settled(page)
        texts = page.evaluate("""() => [...document.querySelectorAll('button, h1, h2, h3, label, th, dt, summary, legend, .worries b, .state, .sentence p')]
            .filter((e) => !e.closest('[lang=en]') && e.checkVisibility()).map((e) => e.textContent)""")
        for text in texts:
            if re.fullmatch(r"[a-z_]+(\.[a-z0-9_.]+)+", text) or re.search(r"\b(the|of|and|share|roll|pause|version|session|errors)\b", text, re.IGNORECASE):
                raise AssertionError(f"{path} says {text!r}")
    page.goto(rig.admin + "/")
    settled(page)
    page.get_by_role("button", name="EN").click()
    page.wait_for_selector("body.entered")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    calm(page)


def test_dialogues_are_found_and_read(browser, rig):
    page = entered(browser, rig, path="/dialogues")
    expect(page.locator(".sessions li").first).to_be_visible(timeout=20_000)
    page.get_by_label("Said", exact=True).fill("parcel CAME broken")
    page.keyboard.press("Enter")
    expect(page.locator(".sessions li")).to_have_count(1)
    page.locator(".sessions a").click()
    reading = page.locator(".reading")
    for text in ("open_return", "Goods may be returned within 30 days", "rerank", "resolved · satisfaction 5", "first token 310 ms", "tier"):
        expect(reading).to_contain_text(text)
    page.go_back()
    expect(reading).to_contain_text("Choose a dialogue")
    page.goto(rig.admin + PAGES["pair"])
    expect(page.locator(".pair article")).to_have_count(2)
    expect(page.locator(".pair")).to_contain_text("Yes, from 10 to 18.")
    page.goto(rig.admin + "/dialogues?text=nobody-ever-said-this")
    expect(page.locator(".results [role=status]")).to_contain_text("No dialogue meets that")
    page.goto(rig.admin + "/dialogues?from=2026-11-23&to=2026-11-21")
    expect(page.locator(".results [role=status]")).to_contain_text("From 2026-11-23 to 2026-11-21: the earlier day belongs in From")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    page.goto(rig.admin + "/dialogues?version=v1")
    expect(page.locator(".sessions li")).to_have_count(50)
    page.get_by_role("button", name="Older").click()
    expect(page.locator(".sessions li").nth(51)).to_be_visible()
    calm(page)


def test_hostile_text_is_safe_and_whole(browser, rig):
    page = entered(browser, rig)
    page.goto(rig.admin + PAGES["hostile"])
    settled(page)
    if page.evaluate("window.hurt !== undefined || document.querySelectorAll('.reading script, .reading img').length > 0"):
        raise AssertionError("what somebody wrote is part of the page")
    expect(page.locator(".reading .control").first).to_have_text("U+202E")
    page.get_by_role("button", name="Show all").last.click()
    whole = page.locator(".reading .speech.assistant .prose").last.evaluate("(e) => e.textContent")
    if whole != LONG:
        raise AssertionError(f"{len(whole)} of {len(LONG)} characters are shown")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        raise AssertionError("a long text makes the page wide")
    calm(page)


def test_labels_in_place(browser, rig):
    page = entered(browser, rig, path="/dialogues?view=label")
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.locator("#said")).to_contain_text("dialogues drawn")
    page.locator(".sets").get_by_role("link", name="Label").click()
    page.wait_for_selector(".sides")
    said = page.locator(".sides").inner_text()
    if re.search(r"\bv[12]\b", said):
        raise AssertionError("the page tells which version answered before it is labelled")
    for question in page.locator("fieldset").all():
        question.get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".revealed")).to_contain_text(re.compile("It was answered by v[12]"))
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".progress")).to_contain_text("2 of")
    sample = rig.api("GET", "samples")["samples"][0]
    if sample["mine"] != 1 or rig.api("GET", "samples", token="key-of-anna")["samples"][0]["mine"] != 0:
        raise AssertionError(f"the label is not the operator's: {sample}")
    with page.expect_download() as saved:
        page.goto(rig.admin + "/dialogues?view=label")
        page.get_by_role("button", name="JSONL").click()
    lines = pathlib.Path(saved.value.path()).read_text().splitlines()
    if len(lines) != sample["items"] or "item" not in json.loads(lines[0]):
        raise AssertionError(f"{len(lines)} lines for {sample['items']} dialogues")
    calm(page)


def exported(rig, name, *flags):
    """A page of weir export, over a lake of eight cases that ran on both versions."""
    lake, spec, runs, columns = (rig.folder / f for f in ("cases", "cases.yaml", "runs.jsonl", "columns.yaml"))
    if not lake.exists():
        spec.write_text("app: bot\nrelease: r1\nstable: v1\ncandidate: v2\njudge: {models: [m], rubrics: [support-quality]}\n")
        columns.write_text("columns: {session_id: id, assigned_version: v, case_id: case, input: q, output: a}\n")
        said = {"v1": [SCRIPT, "", "短", "I cannot say."], "v2": ["It comes today.", TURNED, "Ω" * 5000, "A list:\n1. one\n2. two"]}
        rows = [{"id": f"run-{n}-{v[1]}", "v": v, "case": f"case-{n}", "q": f"Question {n}?", "a": said[v][n % 4]} for n in range(8) for v in said]
        runs.write_text("\n".join(json.dumps(row) for row in rows))
        done = rig.run("import", "--from", "jsonl", "--map", columns, "--release", "r1", "--app", "bot", "--lake", lake, runs)
        if done.returncode:
            raise AssertionError(done.stderr)
    done = rig.run("export", "--lake", lake, "--spec", spec, "--as-of", "2026-11-01", *flags, "--output", rig.folder / name)
    if done.returncode:
        raise AssertionError(done.stderr)
    return lake, spec, (rig.folder / name).as_uri()


def test_pairs_are_labelled(browser, rig):
    lake, spec, address = exported(rig, "pairs.html", "--pairs", "--rate", "1")
    page = opened(browser)
    page.goto(address)
    page.fill("#labeler", "Ann")
    page.locator("#dialogue").click()
    seen = set()
    for n in range(8):
        sides = page.locator(".side")
        expect(sides).to_have_count(2)
        left, right = (side.bounding_box() for side in sides.all())
        if left["x"] + left["width"] > right["x"] or left["y"] != right["y"]:
            raise AssertionError("A and B do not stand side by side")
        seen.add(page.locator("#dialogue").inner_text())
        page.keyboard.press("s" if n == 7 else "1")
        if n < 7:
            page.keyboard.press("3")
            page.keyboard.press("Enter")
    if len(seen) != 8 or re.search(r"\bv[12]\b|case-|run-", "".join(seen)) or "No answer" not in "".join(seen):
        raise AssertionError("the pairs tell whose they are, or hide that there is no answer")
    if page.evaluate("window.hurt"):
        raise AssertionError("an answer ran")
    expect(page.locator("#progress")).to_contain_text("8 done")
    with page.expect_download() as saved:
        page.keyboard.press("Control+s")
    labels = rig.folder / saved.value.suggested_filename
    saved.value.save_as(labels)
    calm(page)
    done = rig.run("label", "--lake", lake, "--spec", spec, "--format", "json", labels)
    if done.returncode:
        raise AssertionError(done.stderr)
    pairs = json.loads(done.stdout)["pairs"]["criteria"]
    of = {c["criterion"]: (c["labelled"], c["ties"], c["declined"], c["first_shown"]["value"]) for c in pairs}
    if of["support-quality.resolution"] != (7, 0, 1, 1) or of["support-quality.clarity"] != (7, 7, 1, .5):
        raise AssertionError(f"of the page weir label says {of}")


def test_exported_pages(browser, rig):
    found = []
    sets = again(rig)
    for language in ("en", "zh"):
        for name, flags in sets.items():
            address = exported(rig, f"{language}-{name}.html", *flags, "--language", language)[2]
            for width, theme in ((1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")):
                page = opened(browser, width=width, theme=theme, language=language, bypass=True)
                page.goto(address)
                page.keyboard.press("1")
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    found.append(f"{address} is wider than {width}")
                found += violations(page, f"{address}, {width}, {theme}")
                page.context.close()
    if found:
        raise AssertionError("\n".join(found))


def again(rig):
    """What writes the sets of pairs and of dialogues once more."""
    lake, spec, _ = exported(rig, "dialogues.html", "--rate", "1")
    done = rig.run("query", "--lake", lake, "--format", "json", "select distinct split_part(label_id, '/', 2) as id, case_id is not null as pairs from labels where label_id like 'drawn/%'")
    return {("pairs" if row["pairs"] else "dialogues"): ("--again", row["id"]) for row in json.loads(done.stdout)}


def test_axe_finds_nothing(browser, rig):
    found = []
    for theme in ("light", "dark"):
        page = entered(browser, rig, theme=theme, bypass=True)
        for name, path in PAGES.items():
            page.goto(rig.admin + path)
            settled(page)
            found += violations(page, f"{name}, {theme}")
        page.goto(rig.admin + "/")
        settled(page)
        page.locator("#rollback").click()
        found += violations(page, f"dialog, {theme}")
        page.context.close()
        page = opened(browser, theme=theme, bypass=True)
        page.goto(rig.admin + "/")
        page.wait_for_selector("#token")
        found += violations(page, f"login, {theme}")
        page.context.close()
    if found:
        raise AssertionError("\n".join(found))


AXE = pathlib.Path(sys.argv[3]).read_text()


def violations(page, where):
    page.evaluate(AXE)
    result = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})")
    return [f"{where}: {v['id']}: {v['help']}: {n['html'][:160]} ({n['failureSummary'][:300]})" for v in result["violations"] for n in v["nodes"][:3]]


def test_narrow_and_zoomed(browser, rig):
    for width in (390, 720):  # a telephone; a window of 1,440 at 200 %
        page = entered(browser, rig, width=width)
        for path in PAGES.values():
            page.goto(rig.admin + path)
            settled(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                raise AssertionError(f"{path} is {wide} wide in {width}")
        page.context.close()


def test_little_is_transferred(browser, rig):
    page = opened(browser)
    page.goto(rig.admin + "/")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes = []
    session.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
    session.on("Network.dataReceived", lambda e: sizes.append(0))
    for path in ("/", "/dialogues"):
        sizes.clear()
        page.goto(rig.admin + path)
        page.wait_for_selector("#token")
        page.fill("#token", "key-of-operator")
        page.keyboard.press("Enter")
        settled(page)
        page.wait_for_timeout(500)
        print(f"  {path}: {sum(sizes) / 1000:.0f} kB")
        if sum(sizes) > 300_000:
            raise AssertionError(f"{path} transfers {sum(sizes)} bytes")
        page.evaluate("sessionStorage.clear()")


def test_lost_connection_is_told(browser, rig):
    page = entered(browser, rig, bypass=True)
    expect(page.locator("#connection")).to_have_text("live")
    rig.server.terminate()
    if rig.server.wait(timeout=30) != 0:
        raise AssertionError(f"the server ends with {rig.server.returncode}")
    expect(page.locator("#connection")).to_contain_text("connection lost since")
    expect(page.locator(".worries")).to_contain_text("Connection lost since")
    expect(page.locator("body.stale")).to_be_visible()
    found = violations(page, "lost")
    rig.serve()
    expect(page.locator("#connection")).to_have_text("live")
    expect(page.locator("body.stale")).to_have_count(0)
    if found:
        raise AssertionError("\n".join(found))


def test_offline(browser, rig):
    _, (address,) = rig.process("browse", "--lake", rig.lake, "--spec", rig.spec)
    said = [line for p in [rig.last] for line in p.said if "token=" in line][0].strip()
    page = opened(browser)
    page.goto(said)
    expect(page.locator(".sessions li").first).to_be_visible(timeout=20_000)
    if "token" in page.url or not page.url.startswith(address):
        raise AssertionError(f"the token stays in the address: {page.url}")
    page.goto(address + "/")
    expect(page.locator(".sessions li").first).to_be_visible(timeout=20_000)
    page.get_by_role("link", name="Label").click()
    expect(page.get_by_role("button", name="Draw", exact=True)).to_be_visible()
    calm(page)


def test_rollback_by_keyboard(browser, rig):
    page = entered(browser, rig)
    expect(page.locator("#connection")).to_have_text("live")
    expect(page.locator(".split")).to_be_visible()

    def reach():
        for _ in range(60):
            if page.evaluate("document.activeElement.id") == "rollback":
                return
            page.keyboard.press("Tab")
        raise AssertionError("the button is not reached by Tab")

    reach()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("All new requests go to v1 at once.")
    expect(dialog).to_contain_text(re.compile(r"\d+ conversations? on v2 will continue on v1"))
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    if rig.api("GET", "deployments")["state"] == "rolled_back":
        raise AssertionError("Escape rolls back")
    reach()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#said")).to_contain_text("Rolled back. In force and on the disk since")
    expect(page.locator(".split")).to_have_attribute("aria-label", "v1 100 %, v2 0 % of new conversations")
    expect(page.locator(".worries")).to_contain_text("Rolled back")
    expect(page.locator("#rollback")).to_be_hidden()
    d = rig.api("GET", "deployments")
    if d["state"] != "rolled_back" or d["changed"]["actor"] != "operator":
        raise AssertionError(str(d))
    calm(page)


def main():
    weir, demo = sys.argv[1:3]
    expect.set_options(timeout=20_000)  # a loaded machine is no failure
    wanted = sys.argv[4:]
    failed = 0
    with tempfile.TemporaryDirectory() as folder, Rig(weir, demo, folder).start() as rig, sync_playwright() as p:
        browser = chromium(p)
        rig.share(0.05, "first step")
        rig.share(0.2, "second step")
        wait(lambda: rig.call("GET", "/v1/applications/support-bot/dialogues?session=told")["dialogues"], "what was reported is not in the lake")
        wait(lambda: len(rig.call("GET", "/v1/applications/support-bot/dialogues?version=v1&limit=60")["dialogues"]) == 60, "too few dialogues are in the lake")
        for name, test in list(globals().items()):
            if not name.startswith("test_") or wanted and name not in wanted:
                continue
            began = time.monotonic()
            try:
                test(browser, rig)
                verdict = "ok"
            except Exception:  # whatever it is, the test has failed
                verdict = "FAILED"
                failed += 1
                traceback.print_exc()
                for i, page in enumerate(c.pages[0] for c in browser.contexts if c.pages):
                    page.screenshot(path=f"{tempfile.gettempdir()}/weir-{name}-{i}.png")
            for context in browser.contexts:
                context.close()
            print(f"{verdict:>6}  {time.monotonic() - began:5.1f} s  {name}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
