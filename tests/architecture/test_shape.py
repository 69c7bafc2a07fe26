"""The shape of the code: small modules and functions, rules that import nothing, imports in one direction."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "src/rft"
LONGEST_MODULE = 350
LONGEST_FUNCTION = 50
VAGUE = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}

MODULES = sorted(SOURCE.rglob("*.py"))
EVERY_MODULE = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@EVERY_MODULE
def test_a_module_is_short_and_opens_with_what_it_is_for(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    assert ast.get_docstring(ast.parse(text)), "a module opens with one sentence saying what it is for"


@EVERY_MODULE
def test_a_function_is_short(path: Path) -> None:
    long = [
        f"{function.name}: {function.end_lineno - function.lineno + 1} lines"
        for function in functions(ast.parse(path.read_text("utf-8")))
        if function.end_lineno is not None and function.end_lineno - function.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_no_test_module_is_longer_than_a_module_may_be() -> None:
    long = [
        str(path)
        for path in (ROOT / "tests").rglob("*.py")
        if len(path.read_text("utf-8").splitlines()) > LONGEST_MODULE
    ]
    assert long == []


def test_rules_read_aloud_and_import_nothing_but_errors_kit_and_other_rules() -> None:
    foreign = [
        f"{path.relative_to(SOURCE)} imports {name}"
        for path in SOURCE.rglob("rules.py")
        for name in imports(ast.parse(path.read_text("utf-8")))
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith("rft.kit")
        and not (name.startswith("rft.") and name.endswith(("errors", ".rules")))
    ]
    assert foreign == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in MODULES if path.stem in VAGUE] == []


def test_imports_go_one_way() -> None:
    linted = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", ROOT / ".importlinter"],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT / "src"), "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_project_names_no_place_outside_itself() -> None:
    # Absolute paths of whoever wrote it, and addresses of a package index, have no business in a repository.
    outside = ("/work" + "/", "/home" + "/", "/root" + "/", "index-url" + " =", "--index" + "-url")
    named = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in _text_files()
        for word in outside
        if word in path.read_text("utf-8")
    ]
    assert named == []


def _text_files() -> Iterator[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in (".py", ".sql", ".md", ".toml", ".html", ".css", ".js", ".in", ".lock") and path.is_file():
            yield path
