"""Set up the project on this machine: environment, locked packages, front-end assets.

Standard library only, because it runs before anything is installed. Safe to repeat: what a stamp says is
there is left alone, so that a second `make demo` touches no network. Every failure says what to do.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
DEBIAN = "apt-get install make python3-venv ca-certificates"


def say(zh: str, en: str) -> None:
    print(f"· {zh}  {en}", flush=True)


def fail(zh: str, en: str) -> None:
    sys.exit(f"✗ {zh}\n  {en}")


def check_machine() -> None:
    """Say at once, and in words, what a bare machine lacks."""
    if sys.version_info < (3, 11):
        fail(
            f"需要 Python 3.11 或更新，此处为 {sys.version.split()[0]}。可用 PYTHON=/路径/python3.11 make setup 指定。",
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Name another with PYTHON=… make setup.",
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        fail(
            f"缺少 python3-venv。Debian 上请执行：{DEBIAN}",
            f"python3-venv is missing. On Debian: {DEBIAN}",
        )
    if not Path("/etc/ssl/certs/ca-certificates.crt").exists() and not os.environ.get("SSL_CERT_FILE"):
        say(
            f"未找到根证书，如下载失败请执行：{DEBIAN}",
            f"No CA certificates found; if downloads fail: {DEBIAN}",
        )


def stamp_of(*parts: Path) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()


def run(*command: str | Path, quiet: bool = False) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        check=False,
        stdout=subprocess.DEVNULL if quiet else None,
    )
    if done.returncode:
        fail(
            f"命令失败（{done.returncode}）：{' '.join(map(str, command))}。修正后再次运行 make setup 即可继续。",
            "The command above failed. Mend the cause and run `make setup` again; it goes on where it stopped.",
        )


def make_environment() -> None:
    wanted = stamp_of(LOCK, ROOT / "pyproject.toml")
    stamp = VENV / ".setup-stamp"
    if stamp.exists() and stamp.read_text() == wanted and (VENV / "bin" / "hub").exists():
        return
    say("建立 .venv 并按锁文件安装依赖（首次约 1–2 分钟）……", "Installing locked packages into .venv …")
    if not (VENV / "bin" / "python").exists():
        run(sys.executable, "-m", "venv", VENV)
    pip = [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "-qq"]
    run(*pip, "install", "--require-hashes", "--no-deps", "-r", LOCK)
    run(*pip, "install", "--no-deps", "--no-build-isolation", "--no-index", "-e", ROOT)
    stamp.write_text(wanted)
    say("依赖已就绪", "Packages are ready")


def has_recent_node() -> bool:
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = answer.strip().lstrip("v").split(".")[0]
    return major.isdigit() and int(major) >= 20


def make_assets() -> None:
    python = VENV / "bin" / "python"
    is_current = "from station_portal import assets; raise SystemExit(0 if assets.is_current() else 1)"
    if subprocess.run([python, "-c", is_current], cwd=ROOT, check=False).returncode == 0:
        return
    if not has_recent_node():
        say("系统没有 Node 20+，安装固定版本的 Node 轮子……", "No Node 20 here: installing the pinned wheel …")
        run(python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install",
            "--require-hashes", "--no-deps", "-r", ROOT / "requirements-node.lock")  # fmt: skip
    run(python, "-m", "station_portal.assets")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-assets", action="store_true", help="skip the portal's front-end assets")
    options = parser.parse_args()
    check_machine()
    make_environment()
    if not options.no_assets:
        make_assets()


if __name__ == "__main__":
    main()
