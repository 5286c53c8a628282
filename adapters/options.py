"""A strict reader of one section of a province's YAML: what is missing, of the wrong kind or unknown is named.

Used for manifests, transports and mappings alike, so that a misspelt option is an error with its path, never a
silently ignored line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.errors import ManifestInvalid


class _Missing:
    """Marks an option without a default."""


MISSING: Final = _Missing()


class Options:
    """One YAML mapping and its path. Every read marks the option as known; `finish` refuses the rest."""

    def __init__(self, values: Any, path: str) -> None:
        if not isinstance(values, Mapping):
            raise fault(path, "应为键值对", "must be a mapping", values)
        self.path = path
        self._values: Mapping[str, Any] = values
        self._known: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def names(self) -> Iterator[str]:
        """The options that are written, known or not."""
        return iter(self._values)

    def raw(self, name: str, default: Any = MISSING) -> Any:
        """The value as written, of any kind."""
        self._known.add(name)
        value = self._values.get(name)
        if value is not None:
            return value
        if isinstance(default, _Missing):
            raise fault(f"{self.path}.{name}", "缺少此项", "is missing", None)
        return default

    def text(self, name: str, default: str | _Missing = MISSING) -> str:
        """Text. A number is refused: codes lose their leading zeros when they are not quoted."""
        value = self.raw(name, default)
        if not isinstance(value, str):
            raise fault(
                f"{self.path}.{name}", "应为文字（代码请加引号）", "must be text (quote codes)", value
            )
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str | _Missing = MISSING) -> str:
        """One of the allowed words."""
        value = self.text(name, default)
        if value not in allowed:
            words = " · ".join(allowed)
            raise fault(f"{self.path}.{name}", f"应为其中之一：{words}", f"must be one of {words}", value)
        return value

    def number(self, name: str, default: float | _Missing = MISSING) -> float:
        """A number, not negative."""
        value = self.raw(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise fault(f"{self.path}.{name}", "应为不小于 0 的数", "must be a number ≥ 0", value)
        return float(value)

    def integer(self, name: str, default: int | _Missing = MISSING, *, least: int = 0) -> int:
        """A whole number, at least `least`."""
        value = self.raw(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise fault(
                f"{self.path}.{name}", f"应为不小于 {least} 的整数", f"must be an integer ≥ {least}", value
            )
        return value

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        value = self.raw(name, default)
        if not isinstance(value, bool):
            raise fault(f"{self.path}.{name}", "应为 true 或 false", "must be true or false", value)
        return value

    def texts(self, name: str, default: tuple[str, ...] | _Missing = MISSING) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self.raw(name, default)
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
            raise fault(f"{self.path}.{name}", "应为文字列表", "must be a list of texts", value)
        return tuple(items)

    def values(self, name: str, default: tuple[Any, ...] | _Missing = MISSING) -> tuple[Any, ...]:
        """A list of anything; a single value counts as a list of one."""
        value = self.raw(name, default)
        return tuple(value) if isinstance(value, list | tuple) else (value,)

    def mapping(self, name: str, default: Mapping[str, Any] | _Missing = MISSING) -> Mapping[str, Any]:
        """A mapping with text keys, as written."""
        value = self.raw(name, default)
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise fault(f"{self.path}.{name}", "应为键值对", "must be a mapping with text keys", value)
        return value

    def section(self, name: str) -> Options:
        """A nested section, which must be there."""
        return Options(self.raw(name), f"{self.path}.{name}")

    def optional_section(self, name: str) -> Options | None:
        """A nested section, or None."""
        value = self.raw(name, None)
        return None if value is None else Options(value, f"{self.path}.{name}")

    def finish(self) -> None:
        """Refuse options that nobody asked for."""
        unknown = sorted(str(name) for name in self._values if name not in self._known)
        if unknown:
            words = " · ".join(unknown)
            raise fault(self.path, f"没有这样的选项：{words}", f"has unknown options: {words}", None)


def fault(path: str, zh: str, en: str, value: Any) -> ManifestInvalid:
    """A `ManifestInvalid` that names the place, what is wrong and, shortened, what was written."""
    shown = "" if value is None else f"（{str(value)[:80]!r}）"
    return ManifestInvalid(f"{path} {zh}{shown}", f"{path} {en}{shown}")
