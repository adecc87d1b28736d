"""A person at a page of a node: types, presses keys, reads, and looks through a screen reader's eyes."""

import json
from urllib.parse import urlsplit

from chromium import Page

# Before any script of the page: what its policy stops, and a clock that can jump as it does over a sleep.
WATCH = """
  window.violations = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
    violations.push(`${violatedDirective} ${blockedURI} ${sample}`), true);
  { const now = Date.now; window.asleep = 0; Date.now = () => now() + window.asleep; }
"""
KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowRight": 39}


class Visit(Page):
    """A page of a node at an address."""

    def __init__(self, browser, url):
        super().__init__(browser, "about:blank")
        self.origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        self.call("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && Boolean(window.violations)")

    def leave(self):
        """No error happened on the page."""
        violations = self.run("violations")
        self.close()
        assert violations == []
        assert self.errors == []
        outside = [url for url in self.requests
                   if not url.replace("ws://", "http://").startswith((self.origin, "about:blank"))]
        assert outside == []

    # Doing.

    def press(self, key, modifiers=0):
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key], "modifiers": modifiers}
        text = {"Enter": "\r", " ": " "}.get(key)
        self.call("Input.dispatchKeyEvent", type="keyDown", **code, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **code)

    def type(self, text):
        """Types into the element with the focus."""
        self.call("Input.insertText", text=text)

    def fill(self, selector, text):
        self.run(f"{{ const field = document.querySelector({json.dumps(selector)}); field.focus(); field.select(); }}")
        self.type(text)

    def click(self, selector):
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def choose(self, selector, value):
        """An option of a list."""
        self.run(f"{{ const list = document.querySelector({json.dumps(selector)}); list.value = {json.dumps(value)};"
                 "list.dispatchEvent(new Event('input', { bubbles: true }));"
                 "list.dispatchEvent(new Event('change', { bubbles: true })); }")

    # Reading.

    def wait_for(self, words, where="main:not([hidden])", seconds=20):
        """Waits until words are visible somewhere. Hidden elements have an `innerText` too, so it checks that as well."""
        self.wait(f"((place) => place?.checkVisibility() && place.innerText.includes({json.dumps(words)}))"
                  f"(document.querySelector({json.dumps(where)}))", seconds)

    def reads(self, where):
        """The visible text now."""
        return self.run(f"document.querySelector({json.dumps(where)}).innerText")

    def accessible(self):
        """The accessibility tree for a screen reader: `(role, name, properties)` of everything that is not ignored."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""),
             {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
             | ({"value": node["value"]["value"]} if "value" in node else {}))
            for node in nodes if not node["ignored"] and "role" in node]

    def focused(self):
        """The element with the focus, by its id, else its name."""
        return self.run("document.activeElement.id || document.activeElement.getAttribute('aria-label')"
                        " || document.activeElement.textContent.trim()")
