"""Build hook: compiles each catalog, which git does not keep, and leaves pinned mails out of the wheel."""

from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Pieces(BuildHookInterface[Any]):
    """Writes messages.mo beside each messages.po, and lists the templates, before hatchling collects its files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Do both; hatchling calls it."""
        for catalog in Path(self.root, "translations").glob("*/LC_MESSAGES/*.po"):
            polib.pofile(str(catalog)).save_as_mofile(str(catalog.with_suffix(".mo")))
        if self.target_name != "wheel":
            return
        templates = Path(self.root, "templates")
        for template in templates.rglob("*"):
            if template.is_file() and "pinned" not in template.parts:
                inside = template.relative_to(templates).as_posix()
                build_data["force_include"][str(template)] = f"portal/templates/{inside}"
