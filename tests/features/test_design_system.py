"""The design system keeps its promises: no inline code, nothing undefined, every status drawn, every pair readable."""

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

import rft
from rft.web.gallery import SAMPLE

ROOT = Path(rft.__file__).parent
CSS = ROOT / "static" / "css"
LONDON = ZoneInfo("Europe/London")
START = SAMPLE.start
LAYOUTS = ("public", "office", "plain")

STATUSES = {
    "schedule": {"draft", "published", "full", "cancelled"},
    "booking": {"pending", "reserved", "requested", "confirmed", "cancelled", "completed", "no_show"},
    "payment": {"pending", "paid", "refunded", "failed"},
    "invoice": {"unpaid", "overdue", "paid", "credited", "credit_note"},
    "refund": {"due", "sent", "returned", "failed", "withdrawn"},
    "certificate": {"valid", "expired", "revoked", "replaced"},
    "mail": {"queued", "sent", "kept", "failed", "bounced"},
}

# Words on a ground that components put together without an on-… name of their own.
WORDS_ON_GROUNDS = [
    (word, ground)
    for word in ("ink", "ink-soft", "link", "link-hover", "on-danger-tint", "on-warning-tint", "on-brand-tint")
    for ground in ("paper", "paper-sunk", "paper-raised")
] + [
    ("link", "brand-tint"),
    ("on-brand-deep", "brand-deep-line"),
    ("on-brand-deep-soft", "brand-deep"),
    ("on-signal", "signal-hover"),
    ("on-danger", "danger-hover"),
    ("on-sign", "sign-info"),
    ("on-sign", "sign-good"),
    ("paper", "link"),
]
# Edges and marks that carry meaning without words (WCAG 1.4.11).
MARKS_ON_GROUNDS = [
    (mark, ground)
    for mark in ("line-strong", "brand", "danger", "focus", "seat-free", "seat-few", "warning-mark")
    for ground in ("paper", "paper-raised")
]


def in_london(moment):
    return moment.astimezone(LONDON)


@pytest.fixture(scope="module")
def environment():
    environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True, undefined=StrictUndefined)
    environment.globals.update(
        asset=lambda path: f"/static/{path}",
        csrf_input=lambda: Markup('<input type="hidden" name="csrf" value="token">'),
        consent="",
        company=SimpleNamespace(
            name="React Fast Training", phone="01483 555 010", email="office@example.org", address_lines=["Guildford"]
        ),
    )
    environment.filters.update(
        money=lambda amount: f"£{amount:,.2f}",
        london_date=lambda moment: f"{in_london(moment):%A} {in_london(moment).day} {in_london(moment):%B %Y}",
        london_day=lambda moment: f"{in_london(moment).day} {in_london(moment):%B %Y}",
        london_time=lambda moment: f"{in_london(moment):%H:%M}",
        london_datetime=lambda moment: f"{in_london(moment):%d %B %Y, %H:%M}",
    )
    return environment


def render_gallery(environment, layout):
    return environment.get_template("design/index.html").render(
        layout=f"layouts/{layout}.html",
        path="/office",
        current_user=SimpleNamespace(name="Carol Webb", role="admin"),
        practising=False,
        is_disarmed=False,
        second_factor_due=None,
        flashes=[SimpleNamespace(kind="success", text="The date is published.", undo=None)],
        sample=SAMPLE,
    )


class Elements(HTMLParser):
    """Every element of a page as (tag, attributes), and the words inside script elements."""

    def __init__(self, page):
        super().__init__()
        self.found, self.script_words, self.inside_script = [], "", False
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self.inside_script = tag == "script"

    def handle_endtag(self, tag):
        self.inside_script = False

    def handle_data(self, data):
        self.script_words += data.strip() if self.inside_script else ""

    def values(self, name):
        return [attributes[name] for _, attributes in self.found if attributes.get(name)]


@pytest.fixture(scope="module", params=LAYOUTS)
def gallery(request, environment):
    return Elements(render_gallery(environment, request.param))


def stylesheets():
    return {path.relative_to(CSS).as_posix(): path.read_text() for path in CSS.rglob("*.css")}


def block_after(selector, css):
    """The custom properties of the first rule with this selector, as {name: value}."""
    body = css[css.index(selector + " {") :].split("}", 1)[0]
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", body))


def themes():
    css = (CSS / "tokens.css").read_text()
    light = block_after(":root", css)
    return {"light": light, "dark": light | block_after(':root[data-theme="dark"]', css)}


def contrast(first, second):
    """The WCAG 2 contrast ratio of two #rrggbb colours."""

    def luminance(colour):
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_twenty_one_to_one():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_the_gallery_needs_no_exception_from_a_strict_content_security_policy(gallery):
    assert gallery.script_words == ""
    for tag, attributes in gallery.found:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert not (attributes.get("href") or "").startswith("javascript:")


def test_every_icon_used_is_in_the_sprite_and_every_icon_of_the_sprite_is_shown(environment):
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text()))
    used = set(re.findall(r"icons\.svg#([\w-]+)", render_gallery(environment, "office")))
    assert used == drawn


def test_every_file_the_gallery_links_exists(gallery):
    linked = [url for url in gallery.values("href") + gallery.values("src") if url.startswith("/static/")]
    assert linked
    for url in linked:
        assert (ROOT / url.removeprefix("/").split("#")[0]).is_file(), url


def test_every_stylesheet_is_linked_by_every_layout(gallery):
    linked = {url.removeprefix("/static/css/") for url in gallery.values("href") if url.endswith(".css")}
    assert linked == set(stylesheets())


def test_every_token_used_is_defined_and_every_token_defined_is_used():
    used = set(re.findall(r"var\(--([\w-]+)", "".join(stylesheets().values())))
    local = set(
        re.findall(r"[\s;{]--([\w-]+):", "".join(css for name, css in stylesheets().items() if name != "tokens.css"))
    )
    assert used - local == set(themes()["light"])


def test_every_class_in_the_gallery_is_styled(gallery):
    styled = set(re.findall(r"\.([a-z][\w-]*)", "".join(stylesheets().values())))
    assert {word for value in gallery.values("class") for word in value.split()} <= styled


def test_choosing_dark_and_having_a_dark_system_look_the_same():
    css = (CSS / "tokens.css").read_text()
    chosen = block_after(':root[data-theme="dark"]', css)
    assert chosen == block_after(':root:not([data-theme="light"])', css)
    assert set(chosen) <= set(themes()["light"])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_their_ground(theme):
    colours = themes()[theme]
    named = [(name, name.removeprefix("on-")) for name in colours if name.startswith("on-")]
    pairs = WORDS_ON_GROUNDS + [(word, ground) for word, ground in named if ground in colours]
    too_close = [(*pair, round(contrast(colours[pair[0]], colours[pair[1]]), 2)) for pair in pairs]
    assert [found for found in too_close if found[2] < 4.5] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_and_marks_stand_out_from_their_ground(theme):
    colours = themes()[theme]
    ratios = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in MARKS_ON_GROUNDS}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 3} == {}


def test_every_status_has_a_badge_and_no_other_status_has_one(environment):
    badges = environment.get_template("macros/badges.html").module
    assert {kind: set(statuses) for kind, statuses in badges.STATUSES.items()} == STATUSES
    assert "No-show" not in badges.badge("booking", "no_show")
    assert "Did not attend" in badges.badge("booking", "no_show")


def test_an_unknown_status_is_an_error_and_not_a_grey_badge(environment):
    badges = environment.get_template("macros/badges.html").module
    with pytest.raises((UndefinedError, TypeError)):
        badges.badge("booking", "lost")


def test_a_fields_error_is_tied_to_it_and_the_summary_leads_to_it(environment):
    forms = environment.get_template("macros/forms.html").module
    field = forms.field("E-mail", "email", "amina", "Give an address with an @.", hint="For the certificate.")
    assert 'aria-describedby="field-email-hint field-email-error"' in field
    assert 'aria-invalid="true"' in field
    assert 'href="#field-email"' in forms.error_summary({"email": "Give an address with an @."})
    assert forms.error_summary({}).strip() == ""


def test_what_someone_typed_is_shown_back_as_text(environment):
    forms = environment.get_template("macros/forms.html").module
    assert "<script>" not in forms.field("Name", "name", '"><script>', error="<script>", hint="<script>")


def test_ids_are_unique_and_what_refers_to_one_finds_it(gallery):
    ids = [value for value in gallery.values("id") if not value.startswith("error-summary")]
    assert len(ids) == len(set(ids))
    described = [word for value in gallery.values("aria-describedby") for word in value.split()]
    assert set(described) | set(gallery.values("for")) <= set(ids)


def test_a_date_tile_says_its_date_in_words_and_to_machines(environment):
    dates = environment.get_template("macros/dates.html").module
    tile = dates.tile(START, days=3)
    assert 'datetime="2026-12-01"' in tile
    assert "Tuesday 1 December 2026, 3 days" in tile


@pytest.mark.parametrize(
    ("left", "words"), [(8, "8 places left"), (3, "Last 3 places"), (1, "Last place"), (0, "Full")]
)
def test_seats_left_are_said_in_words_beside_the_blocks(environment, left, words):
    seats = environment.get_template("macros/seats.html").module.left(left, 12)
    assert words in seats
    assert seats.count('"seats__free"') == left


def test_a_hold_says_until_when_without_a_script(environment):
    checkout = environment.get_template("macros/checkout.html").module
    assert "until <strong>09:30</strong>" in checkout.hold(START, places=2)
