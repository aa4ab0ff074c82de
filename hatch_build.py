"""Build hook: compiles each catalog, so that the wheel carries the .mo files that git does not."""

from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogs(BuildHookInterface[Any]):
    """Writes messages.mo beside each messages.po before hatchling collects translations/."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        for catalog in Path(self.root, "translations").glob("*/LC_MESSAGES/*.po"):
            polib.pofile(str(catalog)).save_as_mofile(str(catalog.with_suffix(".mo")))
