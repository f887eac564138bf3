"""Static files: which files of other packages are ours to serve, and how a missing one is borne."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import drf_spectacular_sidecar
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

_NODE = Path(__file__).parents[1] / "node_modules"
_SWAGGER = "drf_spectacular_sidecar/swagger-ui-dist"
_SIDECAR = Path(drf_spectacular_sidecar.__file__).parent / "static"
VENDOR_FILES = {
    "vendor/bootstrap.min.css": _NODE / "bootstrap/dist/css/bootstrap.min.css",
    "vendor/echarts.min.js": _NODE / "echarts/dist/echarts.min.js",
    **{
        f"{_SWAGGER}/{name}": _SIDECAR / _SWAGGER / name
        for name in ["favicon-32x32.png", "swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js"]
    },
}
"""Where the files lie that other packages give us, by the name under which they are served."""


class VendorFinder(BaseFinder):
    """Finds exactly the files of VENDOR_FILES, so that whole packages need not be copied and compressed."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing to check: a file that is not there is left out, and the pages work plainly without it."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The place of one file on disk, or [] as Django wants it."""
        source = VENDOR_FILES.get(path)
        if source is None or not Path(source).is_file():
            return []
        return [str(source)] if find_all else str(source)

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        """Each file with a storage that opens it under its served name."""
        storage = _VendorStorage()
        return ((name, storage) for name, source in VENDOR_FILES.items() if Path(source).is_file())


class _VendorStorage(FileSystemStorage):
    """Opens served names at their places in other packages."""

    def path(self, name: str) -> str:
        return str(VENDOR_FILES[name])


class ForgivingManifestStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed; a file that is missing keeps its plain name instead of breaking the page that names it."""

    manifest_strict = False

    def hashed_name(self, name: str, content: Any = None, filename: Any = None) -> str:
        """The name with the hash of its content; source maps, which we do not ship, stay as they are."""
        try:
            hashed: str = super().hashed_name(name, content, filename)
        except ValueError:
            return name
        return hashed
