"""What can be wrong with a signature, a key of a side, or a time-stamp."""

from hub.core.errors import HubError, NotFound


class DocumentUnknown(NotFound):
    """No document was issued under this series and number."""

    def __init__(self, document_id: str) -> None:
        super().__init__(
            f"没有编号为「{document_id}」的文件。",
            f"There is no document {document_id!r}.",
            code="document_unknown",
            field="number",
        )


class ReceiptUnknown(NotFound):
    """Nothing of this kind was handed in, so there is nothing to give a receipt for."""

    def __init__(self) -> None:
        super().__init__(
            "没有收到这样的材料，无从出具回执。",
            "Nothing of this kind was handed in, so there is no receipt for it.",
            code="receipt_unknown",
        )


class SignatureRefused(HubError):
    """A signature, receipt or acknowledgement that is not taken; the subclasses say why."""

    def __init__(self, code: str, zh: str, en: str, hint_zh: str, hint_en: str, *, status: int = 422) -> None:
        super().__init__(code, zh, en, status, field="jws", hint_zh=hint_zh, hint_en=hint_en)


class SignatureMalformed(SignatureRefused):
    """This is no detached compact JWS, or its header does not say what it has to."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "signature_malformed",
            f"签名文件不是可读的分离式 JWS：{why}",
            f"This is no readable detached JWS: {why}",
            "请上传签名程序生成的 .jws 文件，不要改动其内容。",
            "Upload the .jws file as the signing program wrote it.",
        )


class SignatureKeyUnknown(SignatureRefused):
    """The header names a key that is not one of the side's: unknown, not approved yet, or another side's."""

    def __init__(self, kid: str) -> None:
        super().__init__(
            "signature_key_unknown",
            f"公钥「{kid}」未在本方登记，或尚未经第二人核准。",
            f"The key {kid!r} is not enrolled for this side, or waits for a second person's approval.",
            "请先登记公钥并由另一人核准，再签名。",
            "Enrol the public key and have another person approve it, then sign.",
        )


class SignatureKeyRevoked(SignatureRefused):
    """The key was revoked."""

    def __init__(self, kid: str, on: str) -> None:
        super().__init__(
            "signature_key_revoked",
            f"公钥「{kid}」已于 {on} 撤销。",
            f"The key {kid!r} was revoked on {on}.",
            "请用在用的密钥重新签名。",
            "Sign again with a key in use.",
        )


class SignatureAlgorithmOther(SignatureRefused):
    """The header's `alg` is not the algorithm of the enrolled key, or none that is known."""

    def __init__(self, alg: str, algorithm: str) -> None:
        super().__init__(
            "signature_algorithm_other",
            f"签名头的 alg 是「{alg[:40]}」，所登记公钥的签名算法是 {algorithm}。",
            f"The header's alg is {alg[:40]!r}; the enrolled key signs by {algorithm}.",
            "请按所登记公钥的算法签名，并在签名头中如实写明 alg。",
            "Sign by the algorithm of the enrolled key and name it in the header as alg.",
        )


class SignatureOtherDocument(SignatureRefused):
    """The header binds the signature to another document, or to another side."""

    def __init__(self, named: str, expected: str) -> None:
        super().__init__(
            "signature_other_document",
            f"该签名是为「{named}」所作，不能用于「{expected}」。",
            f"This signature was made for {named!r}, not for {expected!r}.",
            "请下载本文件，核对后重新签名。",
            "Download this document, read it and sign it.",
        )


class SignatureWrong(SignatureRefused):
    """The key did not sign these bytes."""

    def __init__(self) -> None:
        super().__init__(
            "signature_wrong",
            "签名与文件内容或登记的公钥不符。",
            "The signature does not fit the document and the enrolled key.",
            "请确认下载的文件未被改动、签名所用的是已登记的密钥。",
            "Make sure that the downloaded file is unchanged and that the enrolled key signed it.",
        )


class SignatureTimeImplausible(SignatureRefused):
    """`iat` lies before the document was issued, or in the future."""

    def __init__(self) -> None:
        super().__init__(
            "signature_time_implausible",
            "签名时间早于文件签发时间，或在未来。",
            "The time of signing lies before the document was issued, or in the future.",
            "请校准签名用电脑的时钟后重新签名。",
            "Set the clock of the signing machine and sign again.",
        )


class SignatureExists(SignatureRefused):
    """The side has signed this document already, with another signature."""

    def __init__(self, side: str) -> None:
        super().__init__(
            "signature_exists",
            f"「{side}」已签署本文件。",
            f"The side {side!r} has signed this document already.",
            "签名不可更换；如内容有误，请由更正文件更正。",
            "A signature is not replaced; what is wrong is corrected by a credit document.",
            status=409,
        )


class SideNotConcerned(SignatureRefused):
    """The document does not ask this side for a signature."""

    def __init__(self, side: str) -> None:
        super().__init__(
            "side_not_concerned",
            f"本文件不由「{side}」签署。",
            f"This document is not signed by {side!r}.",
            "请以文件所列各方的身份办理。",
            "Act for one of the sides that the document names.",
            status=403,
        )


class AcknowledgedOther(HubError):
    """What is acknowledged is not what was issued."""

    def __init__(self) -> None:
        super().__init__(
            "acknowledged_other_hash",
            "所填的文件摘要与本文件不符，未确认。",
            "The hash is not that of this document; nothing was acknowledged.",
            422,
            field="sha256",
            hint_zh="请重新打开文件页面，核对内容后再确认。",
            hint_en="Open the document's page again, read it and acknowledge then.",
        )


class OfficerKeyUnknown(NotFound):
    """There is no such key of a side."""

    def __init__(self, kid: str) -> None:
        super().__init__(
            f"没有登记公钥「{kid}」。", f"There is no key {kid!r}.", code="officer_key_unknown", field="kid"
        )


class OfficerKeyTaken(HubError):
    """The key was enrolled before, for this or another side; a key serves one side only."""

    def __init__(self, kid: str) -> None:
        super().__init__(
            "officer_key_taken",
            f"公钥「{kid}」已登记过。",
            f"The key {kid!r} was enrolled before.",
            409,
            field="public_key",
            hint_zh="请生成新的密钥。撤销过的密钥不能再用。",
            hint_en="Make a new key. A revoked one is never used again.",
        )


class SecondPersonNeeded(HubError):
    """Who proposed a key cannot approve it."""

    def __init__(self) -> None:
        super().__init__(
            "second_person_needed",
            "公钥须由登记人以外的另一人核准。",
            "Another person than who enrolled the key has to approve it.",
            409,
            field="kid",
            hint_zh="请同一单位的另一名财务人员核对指纹后核准。",
            hint_en="Have another finance officer of the same office compare the fingerprint and approve.",
        )


class TimeStampRefused(HubError):
    """The authority's answer is not a time-stamp of what was asked; it is asked again later."""

    retryable = True

    def __init__(self, why: str) -> None:
        super().__init__(
            "time_stamp_refused",
            f"时间戳机构的答复不可用：{why}",
            f"The authority's answer is no time-stamp of what was asked: {why}",
            502,
            hint_zh="请核对 HUB_TSA_URL 与 HUB_TSA_CA。",
            hint_en="Look at HUB_TSA_URL and HUB_TSA_CA.",
        )
