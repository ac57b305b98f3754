"""Fetches the browser's files anew out of their npm packages, and prints the table for
docs/architecture.md.

Needs npm, and is run by hand when a version is raised; nothing of it happens at install or at run
time.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "src" / "autohub" / "web" / "static"
PACKAGES = (
    # package, version, licence, {file in it: where it goes}
    ("htmx.org", "2.0.11", "0BSD", {"dist/htmx.min.js": STATIC / "vendor" / "htmx.min.js"}),
    (
        "@tabler/core",
        "1.6.1",
        "MIT",
        {"dist/css/tabler.min.css": STATIC / "vendor" / "tabler.min.css"},
    ),
    (
        "echarts",
        "6.1.0",
        "Apache-2.0",
        {"dist/echarts.common.min.js": STATIC / "vendor" / "echarts.common.min.js"},
    ),
    ("axe-core", "4.14.1", "MPL-2.0", {"axe.min.js": ROOT / "tests" / "support" / "axe.min.js"}),
)
ICONS = ("@tabler/icons", "3.51.0", "MIT")
SPRITE = STATIC / "vendor" / "icons.svg"
SHOWN = [
    "home",
    "layout-kanban",
    "plus",
    "briefcase",
    "chart-bar",
    "users",
    "settings",
    "search",
    "bell",
    "checkbox",
    "user-circle",
    "menu-2",
    "x",
    "check",
    "chevron-right",
    "chevron-left",
    "chevron-down",
    "chevron-up",
    "dots",
    "dots-vertical",
    "filter",
    "columns-3",
    "download",
    "upload",
    "file-text",
    "paperclip",
    "link",
    "trash",
    "pencil",
    "clock",
    "alert-triangle",
    "alert-circle",
    "circle-check",
    "circle-x",
    "player-pause",
    "archive",
    "eye",
    "eye-off",
    "star",
    "star-filled",
    "thumb-up",
    "message-circle",
    "history",
    "sitemap",
    "key",
    "mail",
    "lock",
    "logout",
    "moon",
    "sun",
    "device-desktop",
    "apps",
    "coin",
    "clipboard-check",
    "arrows-shuffle",
    "table",
    "chart-dots",
    "trophy",
    "category",
    "refresh",
    "copy",
    "send",
    "user-plus",
    "user-off",
    "users-group",
    "shield",
    "heart",
    "puzzle",
    "arrow-up",
    "arrow-down",
    "arrow-right",
    "info-circle",
    "bulb",
    "progress",
    "circle-dashed",
    "circle",
    "help",
    "external-link",
    "point",
    "calendar",
    "tag",
    "robot",
    "building",
    "flag",
    "plug",
    "folder",
]


def fetched(package: str, version: str, folder: Path) -> Path:
    subprocess.run(
        ["npm", "pack", "--silent", f"{package}@{version}"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    archive = next(folder.glob("*.tgz"))
    shutil.unpack_archive(archive, folder)
    archive.unlink()
    return folder / "package"


def sprite(icons: Path) -> str:
    """One file with the icons that pages show, each a symbol under its name."""
    symbols = []
    for name in sorted(SHOWN):
        filled = name.endswith("-filled")
        path = icons / ("filled" if filled else "outline") / f"{name.removesuffix('-filled')}.svg"
        inner = re.sub(r"<!--.*?-->", "", path.read_text(), flags=re.DOTALL)
        inner = re.sub(r"<svg[^>]*>|</svg>|\n", "", inner, flags=re.DOTALL)
        paint = (
            'fill="currentColor"'
            if filled
            else 'fill="none" stroke="currentColor" stroke-width="1.75"'
        )
        shape = re.sub(r"\s+", " ", inner).strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" {paint} stroke-linecap="round" '
            f'stroke-linejoin="round">{shape}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def row(path: Path, package: str, version: str, licence: str) -> str:
    name = (
        path.relative_to(ROOT / "src" / "autohub")
        if path.is_relative_to(STATIC)
        else path.relative_to(ROOT)
    )
    return (
        f"| `{name}` | {package} (npm) | {version} | {licence} | "
        f"`{hashlib.sha256(path.read_bytes()).hexdigest()}` |\n"
    )


def main() -> None:
    for package, version, licence, files in PACKAGES:
        with tempfile.TemporaryDirectory() as folder:
            unpacked = fetched(package, version, Path(folder))
            for source, target in files.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((unpacked / source).read_bytes())
                sys.stdout.write(row(target, package, version, licence))
    package, version, licence = ICONS
    with tempfile.TemporaryDirectory() as folder:
        SPRITE.write_text(sprite(fetched(package, version, Path(folder)) / "icons"))
        sys.stdout.write(row(SPRITE, package, version, licence))


if __name__ == "__main__":
    main()
