"""The pages on introductions' questions print what they show."""

import doctest
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parent.parent / "docs" / "questions"
NAMES = sorted(path.stem for path in PAGES.glob("*.md") if path.stem != "README")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_prints_what_it_shows(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    results = doctest.testfile(str(PAGES / f"{name}.md"), module_relative=False)
    assert results.attempted >= 2
    assert results.failed == 0


def test_the_index_names_every_page_and_every_link_leads_somewhere():
    index = (PAGES / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"\]\((\w+)\.md\)", index)) == NAMES
    for page in PAGES.glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (PAGES / target).exists(), (page.name, target)
