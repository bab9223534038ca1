"""What an open dashboard costs at rest, in shares of a core: rest.py WEIR DEMO-OUT."""

import os
import pathlib
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

from browser import chromium, entered
from rig import Rig


def spent(*pids):
    """Processor time of processes so far, in seconds."""
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def renderers():
    """The processes that draw pages, of those below this one."""
    parents, found = {os.getpid()}, []
    for folder in sorted(pathlib.Path("/proc").glob("[0-9]*"), key=lambda f: int(f.name)):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (folder / "cmdline").read_text()
        except OSError:  # it has ended meanwhile
            continue
        if parent in parents:
            parents.add(int(folder.name))
            if "--type=renderer" in command:
                found.append(int(folder.name))
    return found


def over(seconds, *pids):
    before = spent(*pids)
    time.sleep(seconds)
    return f"{100 * (spent(*pids) - before) / seconds:.2f} %"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Rig(*sys.argv[1:3], folder, users=0).start() as rig, sync_playwright() as p:
        browser = chromium(p)
        time.sleep(10)
        print("server without a page ", over(60, rig.server.pid))
        page = entered(browser, rig)
        page.wait_for_selector(".connection.live")
        time.sleep(10)
        server, drawing = rig.server.pid, renderers()
        print("server with a page    ", over(60, server))
        print("the page's renderer   ", over(60, *drawing))
