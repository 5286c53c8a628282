"""What can be wrong with the files that prove what was used."""

from hub.core.errors import HubError, NotFound


class EvidenceInvalid(HubError):
    """It is empty, too large, too many, or not a kind of file that is kept."""

    def __init__(self, zh: str, en: str, *, status: int = 422) -> None:
        super().__init__(
            "evidence_invalid",
            zh,
            en,
            status,
            field="files",
            hint_zh="请上传现场照片、签字使用单的扫描件或仪器运行日志。",
            hint_en="Upload a photograph, a scan of the signed sheet or the log of the instrument.",
        )


class EvidenceMissing(HubError):
    """People name evidence by a hash, and no file of it was handed in."""

    def __init__(self, sha256: str) -> None:
        super().__init__(
            "evidence_missing",
            f"没有收到哈希值为「{sha256[:12]}…」的文件。",
            f"No file with the hash {sha256[:12]}… was handed in.",
            422,
            field="/evidence",
            hint_zh="请先上传文件；只有平台和传感器可以只报哈希值。",
            hint_en="Upload the file first; only platforms and sensors give hashes alone.",
        )


class EvidenceUnknown(NotFound):
    """No file of this usage has this hash."""

    def __init__(self, sha256: str) -> None:
        super().__init__(
            f"该使用记录没有哈希值为「{sha256[:12]}…」的文件。",
            f"This usage has no file with the hash {sha256[:12]}….",
            code="evidence_unknown",
        )


class EvidenceGone(HubError):
    """The file is not kept any more: forgotten by rule, lost or damaged."""

    def __init__(self) -> None:
        super().__init__(
            "evidence_gone",
            "文件已按保存期限删除，或已损坏；记录中的哈希值仍在。",
            "The file was removed by its retention, or is damaged; its hash stays on record.",
            410,
            hint_zh="如需核对，请向提供方索取原件，并与哈希值比对。",
            hint_en="Ask whoever provided it for the original and compare its hash.",
        )
