"""What a province's people do in the portal: take a paper's file, confirm a receipt, upload results. Own transactions."""

from adapters.contract import Sheet
from adapters.errors import AdapterError
from hub.core.runtime import Runtime
from hub.exchange.signing import sealer
from hub.identity.rules import Principal
from hub.settlement.errors import PaperUnknown, ResultFileInvalid
from hub.settlement.queries import faces as queries
from hub.settlement.service.faces import doors, handing


def reads_files(runtime: Runtime, province: str | None) -> bool:
    """Whether the province's papers are files of its own, and its results too."""
    adapter = runtime.adapters.get(province or "")
    return (
        adapter is not None and adapter.settlement is not None and "files" in adapter.settlement.capabilities
    )


def take_file(runtime: Runtime, delivery_id: int, principal: Principal, *, part: str) -> Sheet:
    """The province's own file of a paper (`part` file), or its detached signature (`signature`). Safe to repeat.

    Taking the file is kept as the receipt. Raises `PaperUnknown`, also for a province without files.
    """
    own = sealer(runtime.database, runtime.home).ready(runtime.clock())
    with runtime.database.read() as session:
        row = queries.find_delivery(session, delivery_id, principal.province)
        if row is None or not reads_files(runtime, row.province):
            raise PaperUnknown(str(delivery_id))
        message, province = handing.message_of(session, row), row.province
    port = runtime.adapters[province].settlement
    assert port is not None, "it reads files"
    try:
        sheets = port.files(message, lambda payload, members: own.seal(payload, members, now=runtime.clock()))
    except AdapterError as error:
        raise PaperUnknown(str(delivery_id)) from error
    if part == "signature":
        return sheets[1]
    with runtime.database.write() as session:
        held = queries.find_delivery(session, delivery_id, principal.province)
        assert held is not None, "it was there just now, and deliveries stay"
        doors.note_download(session, held, by=principal.name, now=runtime.clock())
    return sheets[0]


def confirm_receipt(runtime: Runtime, delivery_id: int, principal: Principal) -> None:
    """A person says that the province has the paper. Safe to repeat. Raises `PaperUnknown`."""
    with runtime.database.write() as session:
        row = queries.find_delivery(session, delivery_id, principal.province)
        if row is None:
            raise PaperUnknown(str(delivery_id))
        doors.note_download(session, row, by=principal.name, now=runtime.clock())


def take_results(runtime: Runtime, principal: Principal, content: bytes, filename: str) -> int:
    """A result file of the person's own province; how many rows were met. Raises `ResultFileInvalid`."""
    province = principal.province
    if province is None or not reads_files(runtime, province):
        raise ResultFileInvalid("本省不以文件回报兑付结果", "this province does not report results by file")
    port = runtime.adapters[province].settlement
    assert port is not None, "it reads files"
    met = doors.take_file(
        runtime.database, province, port, content, filename, by=principal.name, now=runtime.clock()
    )
    return sum(met.values())
