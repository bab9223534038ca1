"""A browser, and pages in it that say what went wrong in them."""

import os
import shutil


def chromium(p):
    """The machine's Chromium where there is one, else Playwright's."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return p.chromium.launch(executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else [])


def opened(browser, width=1440, theme="light", language="en", motion="reduce", bypass=False):
    """A new page; what its console says that is no debugging is in page.complaints."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, locale="zh-CN" if language == "zh" else "en-GB", reduced_motion=motion, bypass_csp=bypass)
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda m: page.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: page.complaints.append(str(e)))
    return page


def entered(browser, rig, token="key-of-operator", path="/", **more):
    """A page of somebody who has signed in."""
    page = opened(browser, **more)
    page.goto(rig.admin + path)
    page.fill("#token", token)
    page.keyboard.press("Enter")
    page.wait_for_selector("body.entered")
    return page
