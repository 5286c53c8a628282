"""A province that is reached by files only: its lists go out as signed files, its signed results come back."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.core.db import Database
from tests.hub.settlement.faces.stage import Stage, stage
from tests.hub.settlement.periods.world import GUIZHOU, SHANGHAI, Usage, furnish, posted

pytestmark = pytest.mark.database

YUNNAN = "530000"
OUT, IN = "兑付/下发", "兑付/回执"


@pytest.fixture
def held(database: Database, tmp_path: Path) -> Iterator[Stage]:
    furnish(database)
    posted(database, Usage("u1"), Usage("u2", 30_000, 8_000, visited=YUNNAN))
    with stage(database, tmp_path, YUNNAN, GUIZHOU, SHANGHAI, "330000") as made:
        made.run()
        yield made


def test_every_paper_goes_the_way_of_its_province(held: Stage) -> None:
    assert held.paper("payment-list").state == "delivered"
    assert held.paper("statement", SHANGHAI).state == "waiting"


def test_a_statement_lies_in_the_folder_with_its_signature(held: Stage) -> None:
    from hub.settlement.models import PaperDelivery
    from hub.settlement.service.faces import handing

    with held.database.write() as session:
        row = session.get_one(PaperDelivery, held.paper("statement", SHANGHAI).id)
        row.province, row.state, row.due_at = YUNNAN, "pending", held.now()
    held.run()
    folder = held.provinces[YUNNAN].folder / OUT
    (name,) = [path.name for path in folder.iterdir() if path.suffix == ".csv"]
    assert (folder / f"{name}.sig").read_text().count("..") == 1
    rows = list(csv.reader(io.StringIO((folder / name).read_bytes().decode("utf-8-sig"))))
    with held.database.read() as session:
        paper = handing.find_paper(session, held.paper("statement", YUNNAN).document_id)
    assert rows[1][:2] == [paper.id, paper.sha256]


def drop(held: Stage, rows: list[str], *, signer: str = YUNNAN) -> None:
    faced = held.provinces[YUNNAN]
    head = "清单编号,行编号,状态,金额(元),兑付日期,凭证编号,未兑付原因"
    content = "\r\n".join([head, *rows, ""]).encode("utf-8-sig")
    place = faced.folder / IN
    place.mkdir(parents=True, exist_ok=True)
    (place / "回执-1.csv").write_bytes(content)
    moment = held.now().timestamp()
    (place / "回执-1.csv.sig").write_text(held.provinces[signer].signer.sign(content, moment))


def test_a_file_with_another_s_line_is_a_case_and_read_once(held: Stage) -> None:
    (line,) = [each for each in held.lines() if each.state == "due"][:1]
    drop(held, [f"payment-list:330400/1,{line.id},已兑付,300.00,2026-04-10,PZ1,"])
    held.read()
    assert held.cases() == ["result_foreign"]
    assert {each.id: each.state for each in held.lines()}[line.id] == "due"
    held.advance(400)
    held.read()
    assert held.cases() == ["result_foreign"]


def test_a_file_signed_by_somebody_else_is_a_case_and_applies_nothing(held: Stage) -> None:
    drop(held, ["x,y,已兑付,300.00,2026-04-10,PZ1,"], signer=GUIZHOU)
    held.read()
    assert held.cases() == ["results_damaged"]
