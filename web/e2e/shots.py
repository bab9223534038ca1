"""Pictures of every page, in both themes and languages, wide and narrow: shots.py WEIR DEMO-OUT FOLDER."""

import pathlib
import sys
import tempfile

from playwright.sync_api import sync_playwright

from browser import chromium, entered
from rig import Rig

PAGES = {
    "dashboard": "/",
    "found": "/dialogues",
    "read": "/dialogues?session=told&at=told",
    "pair": "/dialogues?case=case-7&at=run-v1",
    "hostile": "/dialogues?session=hostile&at=hostile",
    "sets": "/dialogues?view=label",
}

if __name__ == "__main__":
    weir, demo, out = sys.argv[1:4]
    seconds = int(sys.argv[4]) if len(sys.argv) > 4 else 40
    pathlib.Path(out).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Rig(weir, demo, folder, users=14).start() as rig, sync_playwright() as p:
        browser = chromium(p)
        rig.share(0.05, "first step")
        rig.share(0.2, "second step")
        print(rig.run("judge", "--spec", rig.spec, "--lake", rig.lake, "--as-of", "2026-03-03").stderr[-400:])
        drawn = rig.api("POST", "samples", {"rubric": "support-quality", "count": 20})
        print(drawn)
        rig.ending.wait(seconds)
        for width in (1440, 390):
            for theme in ("light", "dark"):
                for language in ("en", "zh"):
                    page = entered(browser, rig, width=width, theme=theme, language=language)
                    for name, path in {**PAGES, "label": f"/dialogues?view=label&set={drawn['set']}&rubric=support-quality"}.items():
                        page.goto(rig.admin + path)
                        page.wait_for_load_state("networkidle") if path != "/" else page.wait_for_selector("#figure-rate td.number:not(.unknown)")
                        page.wait_for_timeout(600)
                        page.screenshot(path=f"{out}/{name}-{language}-{theme}-{width}.png", full_page=True)
                    page.context.close()
