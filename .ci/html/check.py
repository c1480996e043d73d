#!/usr/bin/env python3
"""Opens reports of `-f html` in headless Chromium and uses them: check.py [--shots FOLDER] [--seconds N] PAGE.html...

Fails where a page writes to the console, asks for anything, runs what is not its own script, or where filters, search, hiding,
sorting, the timeline, keys, dark and light or printing do not work. Structure is compared, not pixels.
Needs Chromium (apt: chromium) and websocket-client (pip).
"""

import argparse
import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

import websocket


class Browser:
    """A headless Chromium that may reach nothing, driven by the DevTools protocol."""

    OPTIONS = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--no-first-run", "--disable-default-apps", "--disable-extensions", "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--remote-debugging-port=0",
        "--remote-allow-origins=*", "--disable-dev-shm-usage",
    ]

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not program:
            sys.exit("chromium is not installed")
        command = [program, *self.OPTIONS, f"--user-data-dir={self.folder}", "about:blank"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        port = pathlib.Path(self.folder, "DevToolsActivePort")
        for _ in range(600):
            if port.exists() and "\n" in port.read_text():
                break
            time.sleep(0.1)
        number = port.read_text().splitlines()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{number}/json/list") as answer:
            target = next(one for one in json.load(answer) if one["type"] == "page")
        self.socket = websocket.create_connection(target["webSocketDebuggerUrl"], timeout=120)
        self.last = 0
        self.events = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.last += 1
        self.socket.send(json.dumps({"id": self.last, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.last:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(json.loads(self.socket.recv()))

    def open(self, address, scripts=True):
        """Opens a page and returns the seconds until it is loaded and drawn. Without scripts nothing says when it is drawn."""
        self.events.clear()
        self.call("Page.navigate", url="about:blank")
        self.wait("Page.loadEventFired")
        self.events.clear()
        begin = time.monotonic()
        self.call("Page.navigate", url=address)
        self.wait("Page.loadEventFired")
        if scripts:
            self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        return time.monotonic() - begin

    def complete(self):
        """Waits until the script has made nodes of all findings."""
        self.run("new Promise((done) => { const wait = () => (document.querySelector('noscript') ? setTimeout(wait, 20) : done()); wait(); })")

    def run(self, code):
        answer = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{code}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def complaints(self):
        """What the page wrote to the console, and what it asked for beside itself."""
        found = []
        for event in self.events:
            method, parameters = event.get("method"), event.get("params", {})
            if method == "Runtime.consoleAPICalled":
                found.append("console: " + json.dumps(parameters["args"])[:300])
            elif method == "Runtime.exceptionThrown":
                found.append("exception: " + json.dumps(parameters)[:600])
            elif method == "Log.entryAdded":
                found.append("log: " + parameters["entry"]["text"][:300])
            # Pictures of the browser's own controls are in it as data.
            elif method == "Network.requestWillBeSent" and parameters["type"] != "Document" and not parameters["request"]["url"].startswith("data:"):
                found.append("request: " + parameters["request"]["url"][:300])
        return found

    def shot(self, path, height=1400):
        picture = self.call("Page.captureScreenshot", format="png", clip={"x": 0, "y": self.run("scrollY"), "width": 1280, "height": height, "scale": 1})
        pathlib.Path(path).write_bytes(base64.b64decode(picture["data"]))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


class Checks:
    def __init__(self, browser, page):
        self.browser, self.page, self.failed = browser, page, 0

    def that(self, what, is_so, found=""):
        if not is_so:
            self.failed += 1
            print(f"{self.page.name}: FAILED: {what} {found}")

    def equal(self, what, one, other):
        self.that(what, one == other, f"({one!r} is not {other!r})")


FINDINGS = "document.querySelectorAll('.findings > .block > details.f').length"
SHOWN = "document.querySelectorAll('.findings > .block:not([hidden]) > details.f:not([hidden])').length"
# What is in the findings, whoever made nodes of it.
CONTENT = "[...document.querySelectorAll('.findings details.f')].reduce((sum, one) => { for (const c of one.outerHTML) sum = (sum * 31 + c.codePointAt(0)) | 0; return sum; }, 0)"
SET = """(() => {{ const field = document.querySelector('form.filter').elements[{name!r}];
  field.value = {value}; field.dispatchEvent(new Event('input', {{ bubbles: true }}));
  return new Promise((done) => setTimeout(done, 400)); }})()"""
RESET = "document.querySelector('form.filter [type=reset]').click()"


def structure(checks, run):
    checks.equal("one script", run("document.scripts.length"), 1)
    checks.equal("one style", run("document.querySelectorAll('style').length"), 1)
    foreign = "img, iframe, object, embed, link, base, video, audio, meta[http-equiv=refresh], form[action], [style], foreignObject, animate"
    checks.equal("nothing that loads or moves", run(f"document.querySelectorAll({foreign!r}).length"), 0)
    handlers = "[...document.querySelectorAll('*')].filter((node) => [...node.attributes].some((one) => one.name.startsWith('on'))).length"
    checks.equal("no handlers in markup", run(handlers), 0)
    links = "[...document.links].filter((one) => !one.getAttribute('href').startsWith('#') && one.protocol !== 'https:').length"
    checks.equal("links lead to https alone", run(links), 0)
    hidden = r"/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/.test(document.body.textContent)"
    checks.equal("no control characters and none that turn the text", run(hidden), False)
    order = "[...document.querySelectorAll('main > section')].map((one) => one.id).join(' ')"
    found = [one for one in run(order).split() if one not in ("actions", "timeline")]
    checks.equal("sections", found, ["verdict", "findings", "logs", "clients", "patch", "gaps", "provenance"])
    ids = "(() => { const ids = [...document.querySelectorAll('[id]')].map((one) => one.id); return ids.length - new Set(ids).size; })()"
    checks.equal("ids are unique", run(ids), 0)
    anchors = "[...document.querySelectorAll('a[href^=\"#\"]')].filter((one) => !document.getElementById(one.hash.slice(1))).length"
    checks.equal("links within the page have their aim", run(anchors), 0)


def filters(checks, browser, page):
    run = browser.run
    total = run(FINDINGS)
    checks.equal("all findings are shown at first", run(SHOWN), total)
    if total == 0:
        return
    highest = run("Math.max(...[...document.querySelectorAll('details.f')].map((one) => Number(one.dataset.l)))")
    name = ["info", "low", "medium", "high", "critical"][highest]
    run(SET.format(name="level", value=repr(name)))
    count = run(f"document.querySelectorAll('details.f[data-l=\"{highest}\"]').length")
    checks.equal("filter by level", run(SHOWN), count)
    checks.that("the filter is in the address", f"level={name}" in run("location.hash"), run("location.hash"))
    run(RESET)
    checks.equal("cleared", (run(SHOWN), run("location.hash")), (total, ""))

    run(SET.format(name="q", value="'no such text anywhere'"))
    checks.equal("search for what is not there", run(SHOWN), 0)
    run(SET.format(name="q", value="document.querySelector('details.f .path').textContent"))
    shown = run(SHOWN)
    checks.that("search for a path", 1 <= shown <= total, shown)
    run(RESET)

    for field, data in (("reason", "r"), ("folder", "f"), ("server", "s")):
        if run(f"document.querySelector('form.filter').elements[{field!r}]?.options.length ?? 0") > 1:
            run(SET.format(name=field, value="field.options[1].value"))
            expected = run(f"[...document.querySelectorAll('details.f')].filter((one) => one.dataset.{data}.split(' ')[0] === '0').length")
            shown = run(SHOWN)
            same = shown == expected if field != "reason" else shown >= expected
            checks.that(f"filter by {field}", same and shown > 0, f"{shown} of {expected}")
            run(RESET)

    run(SET.format(name="sort", value="'path'"))
    paths = "[...document.querySelectorAll('details.f .path')].map((one) => one.textContent.toLowerCase())"
    checks.that("sort by path", run(f"{paths}.every((one, at, list) => at === 0 || list[at - 1] <= one)"))
    run(RESET)
    numbers = "[...document.querySelectorAll('details.f')].every((one, at) => one.id === 'f' + at)"
    checks.that("cleared order", run(numbers))
    hide(checks, browser, page, total)


def hide(checks, browser, page, total):
    run = browser.run
    like = "document.querySelector('details.f .like')"
    run("document.querySelector('details.f').open = true; new Promise((done) => setTimeout(done, 100))")
    checks.that("what can be hidden", run(f"{like}?.querySelectorAll('button').length >= 1"))
    run(f"[...{like}.querySelectorAll('button')].at(-1).click()")
    shown = run(SHOWN)
    checks.that("hide like this", shown < total and run("document.querySelector('#f0').hidden"), shown)
    checks.equal("a chip for it", run("document.querySelectorAll('.chips button').length"), 1)
    address = run("location.href")
    checks.that("it is kept in the address", "hide=" in address, address)
    browser.open(address)
    checks.equal("the address brings it back", run(SHOWN), shown)
    run("document.querySelector('.chips button').click()")
    checks.equal("the chip shows it again", run(SHOWN), total)
    browser.open(page + "#f0")
    checks.that("a link to a finding opens it", run("document.querySelector('#f0').open"))
    browser.open(f"{page}#f{total - 1}")
    checks.that("a link to the last finding opens it and leads there", run(f"(() => {{ const last = document.querySelector('#f{total - 1}'); const {{ top, bottom }} = last.getBoundingClientRect(); return last.open && top < innerHeight && bottom > 0; }})()"))
    browser.open(page + "#f0")
    copies = "document.querySelectorAll('#f0 dd[data-copy]').length === document.querySelectorAll('#f0 dd[data-copy] button').length"
    run("new Promise((done) => setTimeout(done, 100))")
    checks.that("hashes can be copied", run(copies))


def timeline(checks, run):
    if not run("Boolean(document.querySelector('#timeline svg'))"):
        return
    visible = "document.querySelectorAll('#timeline .e:not([display])').length"
    begin = run(visible)
    checks.that("the picture has marks", begin > 0, begin)
    outside = "[...document.querySelectorAll('#timeline .e:not([display])')].filter((one) => { const x = one.transform.baseVal[0].matrix.e; return !(x >= 150 && x <= 1200); }).length"
    checks.equal("all within the picture", run(outside), 0)
    run("document.querySelector('[data-zoom=all]').click()")
    checks.equal("everything", run(visible), run("document.querySelectorAll('#timeline .e').length"))
    for _ in range(4):
        run("document.querySelector('[data-zoom=in]').click()")
    checks.that("zoomed in", run(visible) <= begin and run(outside) == 0)
    checks.that("a few ticks", 1 <= run("document.querySelectorAll('.ticks text').length") <= 10)
    checks.that("the range is in the address", "from=" in run("location.hash"), run("location.hash"))
    run("document.querySelector('[data-zoom=all]').click()")
    run("document.querySelector('.legend input').click()")
    kind = run("document.querySelector('.legend input').value")
    checks.equal("a kind is left out", run(f"document.querySelectorAll('#timeline .e.{kind}:not([display])').length"), 0)
    checks.equal("and of the list", run(f"document.querySelectorAll('#timeline tr.{kind}:not([hidden])').length"), 0)
    run("document.querySelector('.legend input').click()")
    if run(SHOWN):
        run("(() => { const form = document.querySelector('form.range'); form.elements.only.click(); form.elements.from.value = '1700-01-01T00:00:00'; form.elements.to.value = '1700-01-02T00:00:00'; form.elements.to.dispatchEvent(new Event('change', { bubbles: true })); })()")
        checks.that("filter by time", run(SHOWN) < run(FINDINGS), run(SHOWN))
        checks.that("the range is kept with it", run("location.hash.includes('only=1') && location.hash.includes('from=') && location.hash.includes('to=')"))
        run(RESET)
        checks.equal("cleared time", run("[document.querySelector('form.range').elements.only.checked, location.hash]"), [False, ""])
        run("document.querySelector('form.range').elements.only.click()")
        checks.that("a filter by the first view has its range", run("location.hash.includes('from=') && location.hash.includes('to=')"))
        run(RESET)


def at_once(checks, browser, page, total):
    """What needs all findings has them, even while most of them are still text."""
    run = browser.run
    path = "[...document.querySelectorAll('details.f .path')].at(-1).textContent"
    last = run(path)
    for code, expected in (
        ("(() => { const form = document.querySelector('form.filter'); form.elements.sort.value = 'path'; form.dispatchEvent(new Event('input')); })(); new Promise((done) => setTimeout(done, 200))", total),
        ("dispatchEvent(new Event('beforeprint'))", total),
        ("location.hash = '#f' + (Number(document.querySelector('.findings').dataset.findings) - 1); new Promise((done) => setTimeout(done, 50))", total),
    ):
        browser.open(page)
        run(code)
        checks.equal(f"all findings are there: {code[:40]}", run(FINDINGS), expected)
    browser.open(page)
    field = "document.querySelector('form.filter').elements.q"
    run(f"{field}.value = {json.dumps(last)}; {field}.dispatchEvent(new Event('input', {{ bubbles: true }})); new Promise((done) => setTimeout(done, 200))")
    checks.that("the last finding is found", 1 <= run(SHOWN) and run(FINDINGS) == total, run(SHOWN))
    run(RESET)


def printing(checks, run):
    """Before it is printed, what is shown is opened, with what is inside of it; afterwards it is closed again."""
    opened = "document.querySelectorAll('details[open]').length"
    before = run(opened)
    run("dispatchEvent(new Event('beforeprint'))")
    during = run(opened)
    inside = run("document.querySelectorAll('#f0[open] details:not([open])').length")
    run("dispatchEvent(new Event('afterprint'))")
    checks.that("opened for printing", before < during and inside == 0, (before, during, inside))
    checks.equal("closed after printing", run(opened), before)


def keys(checks, browser):
    def press(key):
        for kind in ("keyDown", "keyUp"):
            browser.call("Input.dispatchKeyEvent", type=kind, key=key, text=key if kind == "keyDown" else "")
    browser.run("document.activeElement.blur()")
    press("/")
    checks.equal("/ leads to the search", browser.run("document.activeElement.name"), "q")
    browser.run("document.activeElement.blur()")
    press("j")
    press("j")
    checks.equal("j goes through the findings", browser.run("document.activeElement.tagName"), "SUMMARY")


def check(browser, path, seconds, shots):
    checks, run = Checks(browser, path), browser.run
    page = path.resolve().as_uri()
    size = {"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.call("Emulation.setDeviceMetricsOverride", **size)

    # Without a script everything is there to read.
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page, scripts=False)
    checks.that("readable without script", run("document.querySelector('#verdict').innerText.length > 10 && !document.documentElement.classList.contains('js')"))
    checks.equal("no dead controls", run("[...document.querySelectorAll('.script')].filter((one) => one.getClientRects().length).length"), 0)
    findings, content = run(FINDINGS.replace(" > .block > ", " ")), run(CONTENT)
    checks.equal("each finding has its facts", run("document.querySelectorAll('details.f > div > dl').length"), findings)
    checks.equal("all findings are listed", findings, run("Number(document.querySelector('.findings')?.dataset.findings ?? 0)"))
    checks.equal("nothing to say", browser.complaints(), [])
    browser.call("Emulation.setScriptExecutionDisabled", value=False)

    took = browser.open(page)
    checks.that(f"opens in {seconds} s", took <= seconds, f"({took:.2f} s)")
    begin = time.monotonic()
    browser.complete()
    completed = took + time.monotonic() - begin
    checks.equal("the script shows the same findings as a browser without one", run(CONTENT), content)
    structure(checks, run)
    colours = {}
    for scheme in ("light", "dark"):
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        colours[scheme] = run("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color].join()")
        if shots:
            pictures(browser, shots / f"{path.stem}-{scheme}", page)
    checks.that("dark and light differ", colours["light"] != colours["dark"], colours)
    browser.call("Emulation.setEmulatedMedia", features=[])
    browser.open(page)
    browser.complete()
    begin = time.monotonic()
    run("scrollTo(0, document.body.scrollHeight); new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    scrolled = time.monotonic() - begin
    filters(checks, browser, page)
    timeline(checks, run)
    if findings:
        keys(checks, browser)
        printing(checks, run)
        at_once(checks, browser, page, findings)
    # Printed as it is filtered: of a large page the most urgent.
    if findings <= 1000:
        pdf = browser.call("Page.printToPDF", printBackground=False)["data"]
        checks.that("printed", base64.b64decode(pdf[:8]).startswith(b"%PDF") and len(pdf) > 10_000)
    checks.equal("nothing on the console and no request", browser.complaints(), [])

    # Foreign script does not run, and nothing is asked for, even if it got into the page.
    browser.open(page)
    run("(() => { const one = document.createElement('script'); one.textContent = 'window.ran = 1'; document.body.append(one); const two = document.createElement('img'); two.src = 'https://example.invalid/x'; two.setAttribute('onerror', 'window.ran = 2'); document.body.append(two); return new Promise((done) => setTimeout(done, 300)); })()")
    checks.equal("foreign script does not run", run("window.ran ?? null"), None)
    blocked = [event for event in browser.events if event.get("method") == "Network.responseReceived" and "example.invalid" in json.dumps(event)]
    checks.equal("nothing is fetched", blocked, [])
    print(f"{path.name}: {'FAILED' if checks.failed else 'ok'}: {findings} findings, {path.stat().st_size:,} bytes, open in {took:.2f} s, all findings in {completed:.2f} s, to the end in {scrolled:.2f} s")
    return checks.failed


def pictures(browser, name, page):
    browser.call("Emulation.setDeviceMetricsOverride", width=1280, height=1400, deviceScaleFactor=1, mobile=False)
    browser.open(page)
    browser.shot(f"{name}.png")
    browser.run("document.querySelector('#findings').scrollIntoView(); for (const one of [...document.querySelectorAll('details.f')].slice(0, 1)) one.open = true; new Promise((done) => setTimeout(done, 300))")
    browser.shot(f"{name}-findings.png")
    browser.run("document.querySelector('#logs').scrollIntoView(); new Promise((done) => setTimeout(done, 200))")
    browser.shot(f"{name}-logs.png")
    browser.run("document.querySelector('#clients').scrollIntoView(); for (const one of [...document.querySelectorAll('#clients details')].slice(0, 2)) one.open = true; new Promise((done) => setTimeout(done, 200))")
    browser.shot(f"{name}-clients.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=pathlib.Path, help="folder for screenshots")
    parser.add_argument("--seconds", type=float, default=10, help="the longest time to open a page")
    parser.add_argument("pages", nargs="+", type=pathlib.Path)
    options = parser.parse_args()
    if options.shots:
        options.shots.mkdir(parents=True, exist_ok=True)
    browser = Browser()
    try:
        failed = sum(check(browser, page, options.seconds, options.shots) for page in options.pages)
    finally:
        browser.close()
    sys.exit(1 if failed else 0)


main()
