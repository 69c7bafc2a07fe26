"""A visitor in a real browser: what they press and read, and what is looked at on every page they come to."""

import re
from typing import Any, ClassVar

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Response, expect

from rft.database.commands import DEMO_PASSWORD

# A machine that does much besides is slow, and still right.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 320, "height": 640}
# Its scripts, once a page; running it through Axe.run() would load them for every look.
AXE = Axe().axe_script
SHAPE = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": False}}}
# Axe's work on contrast is nine tenths of all it does. What it judges a text by is its colour, its size and the colours behind it:
# so of all texts that share these it is shown one, and none that looks like one that it has seen on another page in the same light.
CONTRAST = """
async (known) => {
  const judged = new Set(known), shown = [], fresh = [], stacks = new Map();
  const behind = (element) => {
    if (!element) return "";
    if (!stacks.has(element)) {
      const its = getComputedStyle(element), plain = its.backgroundColor === "rgba(0, 0, 0, 0)" && its.backgroundImage === "none";
      const own = [its.opacity, its.filter, its.mixBlendMode, plain ? "" : its.backgroundColor + its.backgroundImage];
      // What is taken out of the flow may stand over anything: it is known by its name.
      if (["absolute", "fixed", "sticky"].includes(its.position)) own.push(element.className);
      const said = own.join(), rest = behind(element.parentElement);
      stacks.set(element, said === "1,none,normal," ? rest : said + "|" + rest);
    }
    return stacks.get(element);
  };
  for (const element of document.body.querySelectorAll("*")) {
    const writes = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!writes && !["INPUT", "SELECT", "TEXTAREA"].includes(element.tagName)) continue;
    if (!element.checkVisibility({checkVisibilityCSS: true})) continue;
    const its = getComputedStyle(element);
    const look = [its.color, its.fontSize, its.fontWeight, its.textShadow, element.matches(":disabled"), behind(element)].join(";");
    if (judged.has(look)) continue;
    judged.add(look); fresh.push(look); shown.push(element);
  }
  if (!shown.length) return {fresh, violations: []};
  const options = {resultTypes: ["violations"], runOnly: ["color-contrast"]};
  return {fresh, violations: (await axe.run({include: shown}, options)).violations};
}
"""

# The element that has the focus: what it is, and whether one can see that it has it.
FOCUS = """
() => {
  const here = document.activeElement, style = getComputedStyle(here), box = here.getBoundingClientRect();
  const drawn = [here, here.closest("label, .card, li")].filter(Boolean).some((element) => {
    const its = getComputedStyle(element);
    return (its.outlineStyle !== "none" && parseFloat(its.outlineWidth) > 0) || its.boxShadow !== "none";
  });
  const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return {what: here.outerHTML.slice(0, 120), body: here === document.body, visible: drawn && inside && style.visibility === "visible"};
}
"""


class Visitor:
    """`complaints` are the browser's own: errors in the console, broken policies, exceptions, files that were not there."""

    # The looks of texts whose contrast axe has judged, in each light: shared by all visitors.
    judged: ClassVar[dict[str, set[str]]] = {"light": set(), "dark": set()}

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        # Stripe answers a declined card with 402, and Chromium writes that into the console.
        self.expected = {402}
        page.set_default_timeout(PATIENCE)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._see)

    def _listen(self, message: ConsoleMessage) -> None:
        answered = any(f"the server responded with a status of {status}" in message.text for status in self.expected)
        if message.type in ("error", "warning") and not answered:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _see(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.status} {response.url}")

    # What people do

    def go(self, path: str) -> None:
        self.page.goto(path)

    def click(self, leading_on: Locator) -> None:
        """Clicks what leads to another page, and waits for that."""
        with self.page.expect_navigation():
            leading_on.first.click()

    def press(self, name: str) -> None:
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=name, exact=True))

    def strike(self, key: str) -> None:
        """Presses a key that leads to another page, and waits for that."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def sign_in(self, email: str, password: str = DEMO_PASSWORD) -> None:
        self.go("/sign-in")
        self.write("E-mail", email)
        self.write("Password", password)
        self.press("Sign in")

    def is_on(self, heading: str) -> None:
        """Waits for a page with this first heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def reads(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def reads_soon(self, text: str) -> None:
        """For what a job writes: the page is loaded again until it is there, or half a minute is over."""
        for _ in range(60):
            if text in self.page.inner_text("main"):
                return
            self.page.wait_for_timeout(500)
            self.page.reload()
        self.reads(text)

    # With the keyboard alone

    def tab_to(self, wanted: Locator, *, most: int = 60) -> None:
        """Presses Tab until the element has the focus; on the way the focus is never out of sight."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(FOCUS)
            assert focus["body"] or focus["visible"], f"the focus cannot be seen on {focus['what']}"
            if wanted.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{wanted} cannot be reached with {most} tabs on {self.page.url}")

    def press_keys(self, role: Any, name: str) -> None:
        """With Tab and Enter, what leads to another page."""
        self.tab_to(self.page.get_by_role(role, name=name, exact=True).first, most=120)
        self.strike("Enter")

    def type_into(self, label: str, text: str) -> None:
        """With Tab and the keys: a field, or a list, where typing chooses."""
        field = self.page.get_by_label(re.compile(f"^{label}( \\(.*\\))?$"))
        self.tab_to(field, most=120)
        if field.evaluate("field => field.tagName") == "INPUT":
            self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    # What is looked at

    def look(self) -> None:
        """Nothing is wrong for axe, and nothing scrolls sideways: light and dark, on a desk and on a small phone."""
        self.page.evaluate(AXE)
        for size in (DESKTOP, PHONE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type] # a plain dictionary will do
            self._require_no_sideways_scrolling(size["width"])
            # The theme changes nothing but colours.
            self._require_none(
                self.page.evaluate("options => axe.run(options)", SHAPE)["violations"], f"at {size['width']}"
            )
            for scheme in ("dark", "light"):
                self.page.emulate_media(color_scheme=scheme)
                self._require_contrast(scheme, f"{scheme} at {size['width']}")
        self.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]

    def _require_no_sideways_scrolling(self, width: int) -> None:
        wide = self.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width, f"{self.page.url} is {wide} wide on a screen of {width}"

    def _require_contrast(self, scheme: str, where: str) -> None:
        found = self.page.evaluate(CONTRAST, list(self.judged[scheme]))
        self._require_none(found["violations"], where)
        self.judged[scheme].update(found["fresh"])

    def _require_none(self, violations: list[dict[str, Any]], where: str) -> None:
        said = [f"{one['id']}: {node['html']}" for one in violations for node in one["nodes"]]
        assert said == [], f"{self.page.url}, {where}: {said}"
