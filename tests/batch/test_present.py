"""What a page depends on: as it is now, and as it was when the page ran."""

import hashlib

from kpsslib.batch import present
from kpsslib.workspace import open_run


def test_a_module_edited_while_its_page_ran_is_not_taken_for_the_one_it_ran_with(project, monkeypatch):
    module, other = (project.folder / "kpsslib" / name for name in ("edited.py", "left.py"))
    module.parent.mkdir()
    module.write_text("a = 1", "utf-8")
    other.write_text("b = 1", "utf-8")
    monkeypatch.setattr(present, "HOME", module.parent)
    now = present.Present(open_run(project.run_file()), {})
    beforehand = {f"module:kpsslib/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
                  for path in (module, other)} | {"python:version": "3"}
    assert now.ran_with(beforehand) == beforehand
    module.write_text("a = 22", "utf-8")
    ran = now.ran_with(beforehand)
    assert {name for name in ran if ran[name] != beforehand[name]} == {"module:kpsslib/edited.py"}
    module.write_text("a = 1", "utf-8")
    assert ran["module:kpsslib/edited.py"] not in beforehand.values()
