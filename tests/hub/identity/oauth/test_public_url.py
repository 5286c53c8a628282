"""Where the hub says that it is: from the settings, encrypted beyond this machine, or it does not start."""

from pathlib import Path

import pytest

from hub import wiring
from hub.cli import main
from hub.core.settings import Settings


@pytest.mark.parametrize(
    ("host", "given", "found"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8000"),
        ("::1", "", "http://[::1]:8000"),
        ("localhost", "", "http://localhost:8000"),
        ("127.0.0.1", "https://hub.example.cn", "https://hub.example.cn"),
        ("0.0.0.0", "https://hub.example.cn/", "https://hub.example.cn"),
        ("0.0.0.0", "https://hub.example.cn:8443", "https://hub.example.cn:8443"),
        ("127.0.0.1", "http://localhost:9000", "http://localhost:9000"),
    ],
)
def test_the_address_is_that_of_the_settings(host: str, given: str, found: str) -> None:
    assert wiring.public_url(Settings(host=host, public_url=given)) == found


@pytest.mark.parametrize(
    ("host", "given"),
    [
        ("0.0.0.0", ""),
        ("10.0.0.7", ""),
        ("0.0.0.0", "http://127.0.0.1:9000"),
        ("10.0.0.7", "http://localhost:8000"),
        ("127.0.0.1", "http://hub.example.cn"),
        ("127.0.0.1", "http://127.0.0.1.example.cn"),
        ("127.0.0.1", "http://localhost@hub.example.cn"),
        ("127.0.0.1", "https://user:secret@hub.example.cn"),
        ("127.0.0.1", "https://hub.example.cn/path"),
        ("127.0.0.1", "https://hub.example.cn?a=b"),
        ("127.0.0.1", "https://hub.example.cn#a"),
        ("127.0.0.1", "https://hub.example.cn:port"),
        ("127.0.0.1", "https://"),
        ("127.0.0.1", "hub.example.cn"),
        ("127.0.0.1", "ftp://hub.example.cn"),
        ("127.0.0.1", "https://[::1"),
    ],
)
def test_what_would_carry_tokens_in_the_clear_does_not_start(host: str, given: str, tmp_path: Path) -> None:
    settings = Settings(host=host, public_url=given, home=tmp_path)
    with pytest.raises(wiring.PublicUrlUnsafe, match=r"https://hub\.example\.cn"):
        wiring.public_url(settings)
    with pytest.raises(wiring.PublicUrlUnsafe):
        wiring.build_runtime(settings)


def test_the_command_says_so_in_both_languages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HUB_HOME", str(tmp_path))
    monkeypatch.setenv("HUB_PUBLIC_URL", "http://hub.example.cn")
    assert main(["setup"]) == 0
    assert main(["web"]) == 1
    told = capsys.readouterr().err
    assert "HUB_PUBLIC_URL" in told
    assert "本机以外必须是 https://" in told
