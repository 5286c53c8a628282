"""`/api/v1/documents` and `/api/v1/signing-keys`: issued documents, what sides say about them, and their keys."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from hub.core.runtime import Runtime
from hub.core.web import CurrentRuntime, ReadSession, WriteSession, json_answer, public
from hub.identity.access import Principal, action
from hub.identity.service.signing import HubKey, current_key
from hub.settlement.api.periods import BatchId
from hub.settlement.models import Document, OfficerKey, Signature
from hub.settlement.queries import signing as queries
from hub.settlement.rules import signing as rules
from hub.settlement.service import bundles, hub_receipts, signing_desk
from hub.settlement.service.periods import desk

router = APIRouter(prefix="/api/v1", tags=["documents"])

NO_STORE = {"Cache-Control": "no-store"}

Reader = Annotated[Principal, action(signing_desk.READ)]
Signing = Annotated[Principal, action(signing_desk.SIGN)]
PaymentReader = Annotated[Principal, action("settlement.read_payments")]
BatchReader = Annotated[Principal, action("settlement.read")]
KeyReader = Annotated[Principal, action(signing_desk.READ_KEYS)]
Enroller = Annotated[Principal, action(signing_desk.ENROL)]
Approver = Annotated[Principal, action(signing_desk.APPROVE)]
Revoker = Annotated[Principal, action(signing_desk.REVOKE)]

Series = Annotated[str, Path(pattern="^[a-z-]{1,40}:[0-9A-Za-z._:-]{1,80}$")]
Number = Annotated[int, Path(ge=1, le=10**9)]
Side = Annotated[str | None, Query(pattern="^[0-9]{6}$")]
Line = Annotated[str, Path(pattern="^pl-[a-z0-9.-]{1,140}$")]
Kid = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{43}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class JwsBody(_Body):
    """A detached compact JWS (RFC 7515 appendix F) over the document's canonical form (RFC 8785)."""

    jws: str = Field(min_length=1, max_length=rules.LONGEST)


class OfficerKeyBody(_Body):
    """A public key as JWK or as PEM text, and what people call the machine."""

    public_key: dict[str, Any] | str
    label: str = Field(default="", max_length=60)


@router.get("/document-keys", dependencies=[public])
def hub_keys(session: ReadSession) -> Response:
    """The public keys by which the hub signs documents, all of them for ever, as a key set (RFC 7517)."""
    return json_answer({"keys": [bundles.key_document(key) for key in queries.hub_keys(session)]})


@router.get("/documents")
def list_documents(
    runtime: CurrentRuntime, session: ReadSession, principal: Reader, *, waiting: bool = False
) -> Response:
    """Documents of one's own side, newest first; with `waiting=true` those that wait for its signature, oldest first."""
    area, now = signing_desk.own_area(principal), runtime.clock()
    if waiting:
        found = [
            {
                "id": each.document_id,
                "kind": each.kind,
                "side": each.side,
                "issued_at": each.issued_at.isoformat(),
                "deadline": each.deadline.isoformat(),
                "is_overdue": each.is_overdue,
            }
            for each in queries.waiting_signatures(session, area, now=now)
        ]
        return json_answer({"items": found}, headers=NO_STORE)
    told = [_summary(document) for document in queries.documents_within(session, area)]
    return json_answer({"items": told}, headers=NO_STORE)


@router.get("/documents/{series}/{number}")
def show_document(
    runtime: CurrentRuntime, session: ReadSession, principal: Reader, series: Series, number: Number
) -> Response:
    """The document, everything that sides said about it, and how far each side's word goes."""
    now = runtime.clock()
    held = signing_desk.open_document(session, principal, signing_desk.READ, f"{series}/{number}", now=now)
    told = {
        **_summary(held),
        "document": held.body,
        "grades": queries.grades(session, held.id, now=now),
        "signatures": [signature_document(row) for row in queries.signatures_of(session, held.id)],
    }
    stamp = queries.time_stamp_of(session, f"document:{held.id}")
    if stamp is not None and stamp.stamped_at is not None:
        told["time_stamp"] = {"at": stamp.stamped_at.isoformat(), "authority": stamp.authority}
    return json_answer(told, headers=NO_STORE)


@router.get("/documents/{series}/{number}/package")
def download_package(runtime: CurrentRuntime, principal: Reader, series: Series, number: Number) -> Response:
    """The document as `hub-sign` takes it: canonical text, hash, the hub's signature and keys."""
    document_id = _readable(runtime, principal, series, number)
    return json_answer(bundles.package(runtime, document_id, now=runtime.clock()), headers=NO_STORE)


@router.get("/documents/{series}/{number}/bundle")
def download_bundle(runtime: CurrentRuntime, principal: Reader, series: Series, number: Number) -> Response:
    """The document and what belongs to it as a ZIP file that `python -m hub.verify` checks offline."""
    document_id = _readable(runtime, principal, series, number)
    path = bundles.bundle_file(runtime, document_id, now=runtime.clock())
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"{series.replace(':', '-')}-{number}.zip",
        headers=NO_STORE,
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


@router.post("/documents/{series}/{number}/signatures", status_code=201)
def sign(
    runtime: CurrentRuntime, principal: Signing, series: Series, number: Number, *, body: JwsBody
) -> Response:
    """Give one's side's signature. The same again is harmless; another one, another document or another key is refused.

    `hub_receipt` is the hub's own signed receipt, a compact JWS under `/api/v1/document-keys`.
    """
    return _take(runtime, principal, f"{series}/{number}", body.jws, "signed")


@router.post("/documents/{series}/{number}/receipts", status_code=201)
def give_receipt(
    runtime: CurrentRuntime, principal: Signing, series: Series, number: Number, *, body: JwsBody
) -> Response:
    """Say, signed, that the document arrived with this content. It is no consent. `hub_receipt` as for signatures."""
    return _take(runtime, principal, f"{series}/{number}", body.jws, "receipt")


@router.get("/documents/{series}/{number}/hub-receipt")
def download_receipt(
    runtime: CurrentRuntime,
    principal: Reader,
    series: Series,
    number: Number,
    *,
    side: Side = None,
    kind: Literal["signed", "acknowledged", "receipt"] = "signed",
) -> Response:
    """The hub's signed receipt of what a side (one's own by default) said about the document, as often as wanted."""
    document_id, whose = f"{series}/{number}", side or signing_desk.signer_of(principal).side
    text = signing_desk.hub_receipt(runtime, principal, document_id, kind, whose, now=runtime.clock())
    return receipt_file(text, f"{document_id}-{whose}-{kind}")


@router.get("/settlement/payment-lines/{line_id}/hub-receipt")
def download_payment_receipt(
    runtime: CurrentRuntime, principal: PaymentReader, session: ReadSession, line_id: Line
) -> Response:
    """The hub's signed receipt of the proof that a payment line was paid, as often as wanted."""
    line = hub_receipts.open_line(session, principal, line_id, now=runtime.clock())
    return receipt_file(hub_receipts.of_payment(_key_of(runtime), line), line.id)


@router.get("/signing-keys")
def list_keys(
    session: ReadSession, principal: KeyReader, side: Annotated[str, Query(max_length=6)] = ""
) -> Response:
    """Public keys of officers of one's own side, with their history."""
    rows = queries.officer_keys(session, signing_desk.own_area(principal))
    return json_answer({"items": [_key(row) for row in rows if side in ("", row.side)]}, headers=NO_STORE)


@router.post("/signing-keys", status_code=201)
def enrol_key(
    runtime: CurrentRuntime, session: WriteSession, principal: Enroller, body: OfficerKeyBody
) -> Response:
    """Enrol a public key for one's own side; another person approves it."""
    made = signing_desk.enrol_key(session, principal, body.public_key, body.label, now=runtime.clock())
    return json_answer(_key(made), 201, NO_STORE)


@router.post("/signing-keys/{kid}/approve")
def approve_key(runtime: CurrentRuntime, session: WriteSession, principal: Approver, kid: Kid) -> Response:
    """Put a key in force that somebody else enrolled. Safe to repeat."""
    return json_answer(_key(signing_desk.approve_key(session, principal, kid, now=runtime.clock())))


@router.delete("/signing-keys/{kid}")
def revoke_key(runtime: CurrentRuntime, session: WriteSession, principal: Revoker, kid: Kid) -> Response:
    """Stop a key from now on; what it signed before stays signed. Safe to repeat."""
    return json_answer(_key(signing_desk.revoke_key(session, principal, kid, now=runtime.clock())))


def signature_document(row: Signature) -> dict[str, Any]:
    """What a side said about a document; what does not apply is absent."""
    told = {
        "document": row.document_id,
        "side": row.side,
        "kind": row.kind,
        "sha256": row.sha256,
        "alg": row.alg,
        "kid": row.kid,
        "jws": row.jws,
        "at": row.at.isoformat(),
    }
    return {name: value for name, value in told.items() if value is not None}


@router.get("/settlement/batches/{batch_id}/hub-receipt")
def download_seal_receipt(
    runtime: CurrentRuntime, principal: BatchReader, session: ReadSession, batch_id: BatchId
) -> Response:
    """The hub's signed receipt of the word that closed and sealed a batch, as often as wanted."""
    batch = desk.read_batch(session, principal, batch_id, now=runtime.clock())
    return receipt_file(hub_receipts.of_seal(_key_of(runtime), batch), f"seal-{batch.id}")


def receipt_file(text: str, name: str) -> Response:
    """A receipt to keep."""
    filename = name.replace(":", "-").replace("/", "-")
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{filename}.receipt.jws"'}
    return Response(text, media_type="application/jose", headers=headers)


def _take(
    runtime: Runtime, principal: Principal, document_id: str, jws: str, kind: Literal["signed", "receipt"]
) -> Response:
    """Keep it first: only then may a key of the hub have to be made for the receipt."""
    now = runtime.clock()
    with runtime.database.write() as session:
        kept = signing_desk.take_signature(session, principal, document_id, jws, kind, now=now)
        told = signature_document(kept)
    receipt = signing_desk.hub_receipt(runtime, principal, document_id, kind, told["side"], now=now)
    return json_answer({**told, "hub_receipt": receipt}, 201, NO_STORE)


def _key_of(runtime: Runtime) -> HubKey:
    return current_key(runtime.database, runtime.home, "message", now=runtime.clock())


def _readable(runtime: Runtime, principal: Principal, series: str, number: int) -> str:
    with runtime.database.read() as session:
        held = signing_desk.open_document(
            session, principal, signing_desk.READ, f"{series}/{number}", now=runtime.clock()
        )
        return held.id


def _summary(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "kind": document.kind,
        "number": document.number,
        "sha256": document.sha256,
        "issued_at": document.issued_at.isoformat(),
        "sides": list(rules.sides_of(document.kind, document.body)),
    }


def _key(row: OfficerKey) -> dict[str, Any]:
    told = {
        "kid": row.kid,
        "side": row.side,
        "algorithm": row.algorithm,
        "jwk": row.jwk,
        "label": row.label,
        "proposed_at": row.proposed_at.isoformat(),
    }
    for name in ("approved_at", "revoked_at"):
        at = getattr(row, name)
        if at is not None:
            told[name] = at.isoformat()
    return told
