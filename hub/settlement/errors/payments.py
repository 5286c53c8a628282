"""What can be wrong with payments, order forms and invoices."""

from hub.core.errors import HubError, NotFound
from hub.settlement.money import yuan


class PaymentUnknown(NotFound):
    """There is no such payment, or it is nobody's business of whoever asks."""

    def __init__(self, payment_id: str) -> None:
        super().__init__(
            f"没有付款单「{payment_id}」。",
            f"There is no payment {payment_id!r}.",
            code="payment_unknown",
            field="payment_id",
        )


class AttemptUnknown(NotFound):
    """There is no such try to pay."""

    def __init__(self, attempt_id: str) -> None:
        super().__init__(
            f"没有付款记录「{attempt_id}」。",
            f"There is no try to pay {attempt_id!r}.",
            code="payment_attempt_unknown",
            field="attempt_id",
        )


class NothingOutstanding(HubError):
    """Nothing is left to be paid."""

    def __init__(self) -> None:
        super().__init__(
            "payment_not_due",
            "该订单没有待付款项。",
            "Nothing is left to be paid for this order.",
            409,
            hint_zh="请刷新页面查看最新状态。",
            hint_en="Reload to see how it stands now.",
        )


class PaymentUnderWay(HubError):
    """Another try is under way; two at once might both come in."""

    def __init__(self, channel_zh: str, channel_en: str) -> None:
        super().__init__(
            "payment_under_way",
            f"已有一笔付款正在进行（{channel_zh}），不能同时再付。",
            f"A payment is under way already ({channel_en}); another one cannot begin.",
            409,
            field="channel",
            hint_zh="请等待结果；转账可先撤回，在线支付过期后会自动关闭。",
            hint_en="Wait for its result; a transfer may be withdrawn, an online payment ends by itself when it expires.",
        )


class ChannelUnknown(HubError):
    """This installation has no such way to pay."""

    def __init__(self, channel: str) -> None:
        super().__init__(
            "payment_channel_unknown",
            f"没有付款方式「{channel}」。",
            f"There is no way to pay named {channel!r}.",
            422,
            field="channel",
            hint_zh="请另选付款方式。",
            hint_en="Choose another way.",
        )


class ChannelRefused(HubError):
    """The channel does not take this payment."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            "payment_channel_refused",
            f"支付渠道未受理：{zh}。",
            f"The channel refused: {en}.",
            409,
            field="channel",
            hint_zh="未付款；请稍后重试或另选付款方式。",
            hint_en="Nothing was paid; try again later or choose another way.",
        )


class ChannelUnreachable(HubError):
    """The channel cannot be reached, and nothing was sent."""

    retryable = True

    def __init__(self, why: str) -> None:
        super().__init__(
            "payment_channel_unreachable",
            "暂时联系不上支付渠道，未付款。",
            f"The channel cannot be reached ({why}); nothing was paid.",
            503,
            field="channel",
            hint_zh="请稍后重试或另选付款方式。",
            hint_en="Try again later or choose another way.",
            retry_after=30,
        )


class ChannelSilent(HubError):
    """The channel may have taken it: nobody knows before it is asked."""

    retryable = True

    def __init__(self, why: str) -> None:
        super().__init__(
            "payment_outcome_unknown",
            "支付渠道没有答复，结果待查。",
            f"The channel did not answer ({why}); the outcome is not known yet.",
            502,
            hint_zh="请勿重复付款；系统会自动查询结果。",
            hint_en="Do not pay again; the hub asks for the outcome by itself.",
        )


class SignatureInvalid(HubError):
    """A notification that does not come from the channel, or not now."""

    def __init__(self, en: str) -> None:
        super().__init__(
            "payment_signature_invalid",
            "支付通知的签名无效，未采用。",
            f"The notification's signature is not valid: {en}.",
            401,
            hint_zh="请核对签名密钥与时间。",
            hint_en="Check the signing key and the clock.",
        )


class NotificationMalformed(HubError):
    """A signed notification that says nothing that can be understood."""

    def __init__(self, field: str, en: str) -> None:
        super().__init__(
            "payment_notification_malformed",
            f"支付通知的「{field}」有误，未采用。",
            f"The notification's {field!r} is not acceptable: {en}.",
            422,
            field=field,
            hint_zh="请按接口说明改正后重发。",
            hint_en="Correct it as the interface says, and send it again.",
        )


class AmountMismatch(HubError):
    """Another amount than the one that was to be paid."""

    def __init__(self, expected_fen: int, fen: int, *, field: str = "fen") -> None:
        super().__init__(
            "payment_amount_mismatch",
            f"金额应为 {yuan(expected_fen)} 元，实为 {yuan(fen)} 元，未入账。",
            f"{yuan(expected_fen)} CNY were to be paid, not {yuan(fen)}; it was not taken.",
            422,
            field=field,
            hint_zh="请核对金额；多付或少付的款项须退回后重新付款。",
            hint_en="Check the amount; money of another amount goes back, and the payment is made anew.",
        )


class AttemptOver(HubError):
    """The try is settled: nothing more can be done with it."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "payment_attempt_over",
            "该笔付款已有结果，不能再处理。",
            f"This try to pay is over ({state}).",
            409,
            field="attempt_id",
            hint_zh="请刷新页面查看最新状态。",
            hint_en="Reload to see how it stands now.",
        )


class ProofInvalid(HubError):
    """The uploaded proof of a transfer is not acceptable."""

    def __init__(self, zh: str, en: str, status: int = 422) -> None:
        super().__init__(
            "payment_proof_invalid",
            f"转账凭证未采用：{zh}。",
            f"The proof of the transfer was not taken: {en}.",
            status,
            field="proof",
            hint_zh="请上传不超过 5 MB 的 PDF、PNG 或 JPEG 文件。",
            hint_en="Upload a PDF, PNG or JPEG file of at most 5 MB.",
        )


class ProofMissing(NotFound):
    """No proof was handed in for this try to pay."""

    def __init__(self) -> None:
        super().__init__(
            "这笔付款没有凭证。",
            "No proof was handed in for this payment.",
            code="payment_proof_missing",
            field="attempt_id",
        )


class ReasonMissing(HubError):
    """A refusal needs a reason."""

    def __init__(self) -> None:
        super().__init__(
            "payment_reason_missing",
            "请说明理由，不超过 300 字。",
            "Say why, in at most 300 characters.",
            422,
            field="reason",
            hint_zh="理由会告知对方。",
            hint_en="The other side is told the reason.",
        )


class FormOutdated(HubError):
    """The order form is not the present one: terms have changed."""

    def __init__(self) -> None:
        super().__init__(
            "order_form_outdated",
            "这份委托单已被取代，请查看最新一份后再确认。",
            "This order form was replaced; look at the present one before you confirm.",
            409,
            field="sha256",
            hint_zh="请刷新页面。",
            hint_en="Reload the page.",
        )


class FormUnconfirmed(HubError):
    """The enterprise has not agreed to the present order form, and does not by this either."""

    def __init__(self) -> None:
        super().__init__(
            "order_form_unconfirmed",
            "请先确认现行委托单，再付款。",
            "Agree to the present order form before you pay.",
            409,
            field="order_form_sha256",
            hint_zh="查看委托单后确认；或在付款请求中带上其文件摘要，付款即确认。",
            hint_en="Read and confirm it, or name its hash with the payment: paying then agrees to it.",
        )


class FormUnknown(NotFound):
    """The order has no order form yet."""

    def __init__(self) -> None:
        super().__init__(
            "该订单还没有委托单。",
            "The order has no order form yet.",
            code="order_form_unknown",
            field="booking_id",
        )


class InvoiceInvalid(HubError):
    """An invoice that does not fit the payment; `field` names what is wrong."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "invoice_invalid",
            f"发票未登记：{zh}。",
            f"The invoice was not entered: {en}.",
            422,
            field=field,
            hint_zh="请按票面改正所指的项；票面有误的须作废重开。",
            hint_en="Correct the item as it stands on the invoice; a wrong invoice has to be made anew.",
        )


class InvoiceTaken(HubError):
    """Code and number are entered already, or the order has a valid invoice."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(
            "invoice_taken",
            f"发票未登记：{zh}。",
            f"The invoice was not entered: {en}.",
            409,
            field=field,
            hint_zh="请核对发票代码和号码；更正请先红冲或作废原票。",
            hint_en="Check code and number; to correct one, reverse or void it first.",
        )


class InvoiceUnknown(NotFound):
    """There is no such invoice of this payment."""

    def __init__(self) -> None:
        super().__init__(
            "没有这张发票。", "There is no such invoice.", code="invoice_unknown", field="invoice_id"
        )
