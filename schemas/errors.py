"""Facts that can go wrong when somebody asks the specification for something."""


class SpecificationError(Exception):
    """The root of the package's own errors."""


class UnknownDocument(SpecificationError):
    """There is no document of this name in the current version."""


class UnknownCodeList(SpecificationError):
    """There is no code list of this name in the current version."""


class InvalidIdentity(SpecificationError):
    """An identifier was asked for from parts that cannot make one."""


class NotJson(SpecificationError):
    """Bytes that are not acceptable JSON.

    `code` is stable: `json-encoding`, `json-syntax`, `json-number`, `json-depth`, `json-size`,
    `json-duplicate`; `zh` and `en` say what to do.
    """

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.zh = zh
        self.en = en


class UnknownMachine(SpecificationError):
    """There is no state machine of this name."""
