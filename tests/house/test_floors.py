"""The import contracts of the house hold."""

from importlinter.cli import lint_imports


def test_every_module_stands_on_its_floor(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)
    assert lint_imports(no_cache=True) == 0
