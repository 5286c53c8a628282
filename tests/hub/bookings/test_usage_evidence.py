"""Files that prove what was used: handed in by the two sides, named by hash, read by who is concerned, kept by rule."""

import hashlib
from datetime import timedelta

import pytest

from hub.bookings.errors.reports import LinkRefused
from hub.bookings.service import forgetting, usage_evidence
from hub.bookings.service.usage_evidence import Proof
from hub.core.errors import AccessRefused, HubError
from hub.identity.errors import NotAllowed
from hub.identity.rules import Principal
from hub.settlement.errors.evidence import EvidenceGone, EvidenceInvalid, EvidenceMissing, EvidenceUnknown
from hub.settlement.errors.usage import UsageUnknown
from hub.settlement.models import UsageEvidence
from hub.settlement.service import evidence_files
from hub.settlement.service.usage import evidence
from tests.hub.bookings.using import (
    ADMIN,
    ENTERPRISE,
    GUIZHOU,
    PLATFORM,
    PROVIDER,
    STRANGER,
    ZHEJIANG,
    Used,
)
from tests.hub.bookings.world import World

pytestmark = pytest.mark.database

PNG, PDF, LOG = (
    b"\x89PNG\r\n\x1a\n synthetic",
    b"%PDF-1.7 synthetic",
    "10:00 开机\n12:00 关机\n".encode("gb18030"),
)
AUDITOR = Principal("account", "account:aud", "审", "auditor", None, "p-aud", area="52")
ELSEWHERE = Principal("account", "account:aud2", "审", "auditor", None, "p-aud2", area="43")


@pytest.fixture
def used(world: World) -> Used:
    made = Used.build(world)
    made.office("office-gz", GUIZHOU)
    made.office("office-zj", ZHEJIANG)
    return made


def read(used: Used, booking: str, sha256: str, who: Principal) -> bytes:
    """What a reader gets by a link of their own."""
    url = usage_evidence.link(used.world.runtime, who, used.usage(booking)["id"], sha256)
    row, content = usage_evidence.open_link(used.world.runtime, url.rpartition("/")[2])
    assert row.sha256 == sha256
    return content


def later(used: Used, days: int) -> None:
    used.world.clock.now += timedelta(days=days)
    forgetting.forget_old(used.world.runtime)


def test_the_station_uploads_and_its_next_version_carries_the_hash(used: Used) -> None:
    booking = used.served()
    proof = used.hand_in(booking, PROVIDER, PNG, name="机时登记本")
    assert proof == {"kind": "photo", "sha256": hashlib.sha256(PNG).hexdigest(), "name": "机时登记本"}
    assert "evidence" not in used.usage(booking), "what nobody took up is on no record"
    used.command(booking, "amend", PROVIDER, reason="evidence_added", evidence=[proof])
    told = used.usage(booking)
    assert (told["version"], told["evidence"]) == (2, [proof])
    assert read(used, booking, proof["sha256"], ENTERPRISE) == PNG


def test_people_do_not_name_a_hash_without_its_file_and_platforms_do(used: Used) -> None:
    booking = used.served()
    made_up = {"kind": "photo", "sha256": "a" * 64}
    with pytest.raises(EvidenceMissing):
        used.command(booking, "amend", PROVIDER, reason="evidence_added", evidence=[made_up])
    assert used.usage(booking)["version"] == 1, "nothing of the refused version stays"
    used.push(booking, "n-2", used={"hours": 2.0}, evidence=[{"kind": "run_log", "sha256": "b" * 64}])
    used.command(booking, "amend", PROVIDER, reason="evidence_added", used={"hours": 1.5})
    assert [each["sha256"] for each in used.usage(booking)["evidence"]] == ["b" * 64]


def test_the_file_to_a_hash_that_a_platform_told_is_its_file(used: Used) -> None:
    booking = used.served()
    digest = hashlib.sha256(LOG).hexdigest()
    used.push(booking, "n-2", used={"hours": 2.0}, evidence=[{"kind": "run_log", "sha256": digest}])
    with pytest.raises(EvidenceUnknown):
        read(used, booking, digest, ENTERPRISE)
    used.hand_in(booking, PROVIDER, LOG, kind="run_log")
    assert read(used, booking, digest, ENTERPRISE) == LOG
    assert used.usage(booking)["version"] == 2, "no new version for it"


def test_in_a_dispute_both_sides_hand_in_and_the_same_file_is_one(used: Used) -> None:
    booking = used.served()
    with pytest.raises(HubError):
        used.hand_in(booking, ENTERPRISE, PNG)
    used.command(booking, "dispute", reason="time_wrong")
    mine = used.hand_in(booking, ENTERPRISE, PNG)
    assert used.hand_in(booking, ENTERPRISE, PNG) == mine
    theirs = used.hand_in(booking, PROVIDER, LOG, kind="run_log")
    assert used.usage(booking)["dispute"]["evidence"] == [mine, theirs]
    office = used.office("office-zj", ZHEJIANG)
    assert read(used, booking, mine["sha256"], office) == PNG
    for name, province in (("office-gz", GUIZHOU), ("office-zj", ZHEJIANG)):
        used.decide(booking, used.office(name, province), "uphold")
    with pytest.raises(HubError):
        used.hand_in(booking, ENTERPRISE, PDF)
    assert used.usage(booking)["dispute"]["evidence"] == [mine, theirs]


def test_who_reads(used: Used) -> None:
    booking = used.served()
    used.command(booking, "dispute", reason="time_wrong")
    sha256 = used.hand_in(booking, ENTERPRISE, PNG)["sha256"]
    for who in (ENTERPRISE, PROVIDER, used.office("office-gz", GUIZHOU), AUDITOR):
        assert read(used, booking, sha256, who) == PNG
    for who in (STRANGER, used.office("office-hn", "430000"), ELSEWHERE):
        with pytest.raises(UsageUnknown):
            read(used, booking, sha256, who)
    for who in (ADMIN, PLATFORM):
        with pytest.raises((NotAllowed, AccessRefused)):
            read(used, booking, sha256, who)


def test_a_link_lapses_and_opens_nothing_when_altered(used: Used) -> None:
    booking = used.served()
    used.command(booking, "dispute", reason="time_wrong")
    sha256 = used.hand_in(booking, ENTERPRISE, PNG)["sha256"]
    runtime = used.world.runtime
    token = usage_evidence.link(runtime, ENTERPRISE, used.usage(booking)["id"], sha256).rpartition("/")[2]
    head, body, signature = token.split(".")
    for altered in (f"{head}.{body}x.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", "x" * 3000):
        with pytest.raises(LinkRefused):
            usage_evidence.open_link(runtime, altered)
    used.world.clock.advance(301)
    with pytest.raises(LinkRefused):
        usage_evidence.open_link(runtime, token)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90\x00\x03",
        b"<html><script>1</script>",
        b" \n<svg/>",
        b"PK\x03\x04zip",
        b"\xff\xfe\x00\x01",
    ],
)
def test_what_is_no_picture_pdf_or_log_is_not_kept(used: Used, content: bytes) -> None:
    booking = used.served()
    with pytest.raises(EvidenceInvalid):
        used.hand_in(booking, PROVIDER, content)
    assert not (used.world.runtime.home / "settlement" / "evidence").exists()


def test_limits(used: Used) -> None:
    booking = used.served()
    with pytest.raises(EvidenceInvalid) as refused:
        used.hand_in(booking, PROVIDER, b"%PDF-" + b"x" * evidence_files.MOST_BYTES)
    assert refused.value.status == 413
    for number in range(evidence.MOST_FILES):
        used.hand_in(booking, PROVIDER, b"%PDF-" + str(number).encode())
    with pytest.raises(EvidenceInvalid):
        used.hand_in(booking, PROVIDER, PDF)
    with pytest.raises(EvidenceInvalid):
        used.hand_in(used.served(day=8), PROVIDER, PDF, kind="gossip")


def test_a_stranger_writes_no_byte(used: Used) -> None:
    booking = used.served()
    usage_id = used.usage(booking)["id"]
    with pytest.raises(UsageUnknown):
        usage_evidence.keep_files(used.world.runtime, STRANGER, usage_id, [Proof("a.pdf", PDF)])
    assert not (used.world.runtime.home / "settlement" / "evidence").exists()


def test_a_damaged_file_is_not_given_out(used: Used) -> None:
    booking = used.served()
    used.command(booking, "dispute", reason="time_wrong")
    sha256 = used.hand_in(booking, ENTERPRISE, PNG)["sha256"]
    evidence_files.path_of(used.world.runtime.home, sha256).write_bytes(PNG + b"!")
    with pytest.raises(EvidenceGone):
        read(used, booking, sha256, ENTERPRISE)


def test_what_nobody_took_up_goes_after_a_month_and_the_rest_after_thirty_years(used: Used) -> None:
    booking, other = used.served(), used.served(day=8)
    home = used.world.runtime.home
    proof = used.hand_in(booking, PROVIDER, PNG)
    used.command(booking, "amend", PROVIDER, reason="evidence_added", evidence=[proof])
    used.hand_in(booking, PROVIDER, LOG)
    used.hand_in(other, PROVIDER, PNG)  # the same content, which nobody took up there
    later(used, 29)
    assert evidence_files.path_of(home, hashlib.sha256(LOG).hexdigest()).exists()
    later(used, 2)
    assert not evidence_files.path_of(home, hashlib.sha256(LOG).hexdigest()).exists()
    assert read(used, booking, proof["sha256"], ENTERPRISE) == PNG, "another usage still keeps it"
    year = used.world.clock().year
    later(used, 365 * 29)
    assert evidence_files.path_of(home, proof["sha256"]).exists()
    used.world.clock.now = used.world.clock.now.replace(year=year + 31, month=1, day=2)
    forgetting.forget_old(used.world.runtime)
    assert not evidence_files.path_of(home, proof["sha256"]).exists()
    with pytest.raises(EvidenceGone):
        read(used, booking, proof["sha256"], ENTERPRISE)
    assert used.usage(booking)["evidence"] == [proof], "the hash stays"
    with used.database.read() as session:
        assert session.query(UsageEvidence).count() == 3
