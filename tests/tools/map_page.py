"""Drives map pages in headless Chromium as a reader would and tells what happened, as JSON.

Usage: map_page.py CHROMIUM SPEC.json
SPEC: [{"page": file, "mosaic": file or "", "query": text, "shots": folder or ""}, ...]

Network is off, every request is noted. The value under the cursor is compared with the mosaic as
rasterio reads it. Nothing of the page's script is called: mouse and keys only.
"""

import io
import json
import shutil
import sys
from pathlib import Path

import numpy
import rasterio
from PIL import Image
from playwright.sync_api import sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def picture(page):
    data = page.locator("#map").screenshot()
    return numpy.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def changed(before, after):
    """Pixels that differ visibly."""
    return int((numpy.abs(before - after).max(axis=2) > 8).sum())


def settle(page):
    page.wait_for_timeout(250)


def readout(page):
    return page.evaluate(
        "() => { const v = document.getElementById('value');"
        " return {text: v.textContent, where: document.getElementById('where').textContent,"
        " live: document.getElementById('live').textContent, ...v.dataset}; }"
    )


def rest(page):
    """Waits until nothing moves any more: panning and zooming glide."""
    place, still = None, 0
    for _ in range(100):
        page.wait_for_timeout(100)
        now = page.evaluate(
            "() => JSON.stringify(['.leaflet-map-pane', '.leaflet-zoom-animated', '.leaflet-raster-pane',"
            " '.leaflet-control-scale-line'].map((s) => { const e = document.querySelector(s);"
            " return e && [e.className.toString(), JSON.stringify(e.getBoundingClientRect())]; })"
            ".concat([document.getElementById('map').className]))"
        )
        still = still + 1 if now == place else 0
        place = now
        if still >= 4:
            return


def park_mouse(page):
    page.mouse.move(2, 2)


def cursor(page, mosaic):
    """The cursor over a lattice of places of the map."""
    box = page.locator("#map").bounding_box()
    samples = []
    raster = rasterio.open(mosaic) if mosaic else None
    band = raster.read(1) if raster else None
    for j in range(1, 24):
        for i in range(1, 32):
            page.mouse.move(box["x"] + box["width"] * i / 32, box["y"] + box["height"] * j / 24)
            found = readout(page)
            if "x" not in found:
                continue
            sample = {"x": float(found["x"]), "y": float(found["y"]), "text": found["text"]}
            if "celsius" in found:
                sample["celsius"] = float(found["celsius"])
            if raster:
                row, col = raster.index(sample["x"], sample["y"])
                if 0 <= row < raster.height and 0 <= col < raster.width:
                    value = float(band[row, col])
                    sample["raster"] = value if value == value else None
            samples.append(sample)
    return samples


def toggles(page):
    found = {}
    for name in ["temperature", "classes", "outlines", "spots", "others"]:
        box = page.locator(f"#show-{name}")
        if box.count() == 0:
            continue
        park_mouse(page)
        before = picture(page)
        box.uncheck()
        settle(page)
        off = picture(page)
        box.check()
        settle(page)
        found[name] = [changed(before, off), changed(before, picture(page))]
    slider = page.locator("#opacity")
    if slider.is_visible():
        before = picture(page)
        slider.fill("0")
        settle(page)
        found["opacity"] = [changed(before, picture(page))]
        slider.fill("100")
        settle(page)
        found["opacity"].append(changed(before, picture(page)))
    return found


def keyboard(page, query):
    """Everything by keys alone, from the top of the page."""
    page.reload()
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'", timeout=60000)
    settle(page)
    order, rings = [], []
    for _ in range(14):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate(
                "() => { const e = document.activeElement;"
                " return e.id || e.getAttribute('aria-label') || e.className || e.tagName; }"
            )
        )
        rings.append(page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle"))
        if order[-1] == "map":
            break
    found = {"order": order, "rings": rings, "steps": []}

    def centre(key):
        page.keyboard.press(key)
        rest(page)
        now = readout(page)
        scale = page.locator(".leaflet-control-scale-line").first
        found["steps"].append(
            {
                "key": key,
                "x": now.get("x"),
                "y": now.get("y"),
                "live": now["live"],
                "scale": scale.text_content(),
                "scale_px": scale.bounding_box()["width"],
            }
        )

    for key in ["Home", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "+", "-", "Home"]:
        centre(key)
    search = page.locator("#query")
    if search.is_visible():
        all_items = page.locator("#list button").count()
        search.focus()
        page.keyboard.type(query)
        found["hits"] = [page.locator("#list button").count(), all_items]
        page.keyboard.press("Enter")
        settle(page)
        popup = page.locator(".leaflet-popup-content")
        found["popup"] = popup.inner_text() if popup.count() else ""
        search.fill("no such thing at all")
        found["no_hits"] = [page.locator("#list button").count(), page.locator("#count").inner_text()]
        search.fill("")
        page.keyboard.press("Escape")
    return found


def flights(page):
    slider = page.locator("#flight")
    if not slider.is_visible():
        return []
    found = []
    last = int(slider.get_attribute("max"))
    for index in list(range(last + 1)):
        slider.fill(str(index))
        page.wait_for_timeout(500)
        park_mouse(page)
        found.append({"flown": page.locator("#flown").inner_text(), "samples": None})
    pictures = []
    for index in [0, last]:
        slider.fill(str(index))
        page.wait_for_timeout(500)
        pictures.append(picture(page))
    found.append({"changed": changed(*pictures)})
    return found


def drive(browser, spec):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page = context.new_page()
    told = {"requests": [], "console": [], "errors": []}
    page.on("request", lambda r: told["requests"].append(r.url))
    page.on("console", lambda m: told["console"].append(f"{m.type}: {m.text}"))
    page.on("pageerror", lambda e: told["errors"].append(str(e)))
    page.on("dialog", lambda d: (told["errors"].append(f"dialog {d.message}"), d.dismiss()))
    page.goto(Path(spec["page"]).absolute().as_uri())
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'", timeout=60000)
    settle(page)
    told["title"] = page.title()
    told["language"] = page.evaluate("() => document.documentElement.lang")
    told["text"] = page.locator(".panel").inner_text()
    told["licence"] = page.evaluate("() => document.querySelector('pre').textContent")
    told["wide"] = page.evaluate("() => document.documentElement.scrollWidth")
    shots = spec.get("shots")
    if shots:
        page.screenshot(path=f"{shots}-1440.png")
    told["cursor"] = cursor(page, spec.get("mosaic"))
    told["toggles"] = toggles(page)
    told["keyboard"] = keyboard(page, spec["query"])
    if shots:
        page.screenshot(path=f"{shots}-search.png")
    told["flights"] = flights(page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.wait_for_function("() => document.documentElement.dataset.ready === 'yes'", timeout=60000)
    settle(page)
    told["narrow"] = page.evaluate("() => document.documentElement.scrollWidth")
    if shots:
        page.screenshot(path=f"{shots}-390.png")
        page.screenshot(path=f"{shots}-390-all.png", full_page=True)
    context.close()
    return told


def main():
    chromium, spec = shutil.which(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        print(json.dumps([drive(browser, one) for one in spec]))
        browser.close()


if __name__ == "__main__":
    main()
