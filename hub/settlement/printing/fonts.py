"""The one font that documents are printed with: Noto Sans SC (SIL Open Font License 1.1), put in place by the asset build."""

from pathlib import Path

FAMILY = "Noto Sans SC"
REGULAR, BOLD = "NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"
FILES = (REGULAR, BOLD)


def are_present(folder: Path) -> bool:
    """Whether both files of the font lie in the folder."""
    return all((folder / name).is_file() for name in FILES)
