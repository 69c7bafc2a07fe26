"""Carol at the keyboard: the search from anywhere, the page of shortcuts, and letters that can be turned off."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]


def test_carol_finds_her_way_without_a_mouse(visitor: Come) -> None:
    carol = visitor()
    carol.sign_in("carol@demo.example")
    carol.go("/office")
    carol.page.keyboard.press("/")
    field = carol.page.locator("[data-search-field]")
    expect(field).to_be_focused()
    # In a field a letter is a letter.
    carol.page.keyboard.type("g o/?")
    expect(field).to_have_value("g o/?")
    field.fill("leeds")
    carol.strike("Enter")
    carol.is_on("Search")
    carol.look()
    carol.page.locator("h1").click()
    carol.strike("?")
    carol.is_on("Keyboard shortcuts")
    carol.page.get_by_role("button", name="Turn letters off").press("Enter")
    carol.page.keyboard.press("?")
    carol.is_on("Keyboard shortcuts")
    carol.page.keyboard.press("Control+k")
    expect(carol.page.locator("[data-search-field]")).to_be_focused()
