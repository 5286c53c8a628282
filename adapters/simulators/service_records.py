"""浙江's service records: who was served, for how many hours, at which price; last year's, made from the survey.

The names are the observed ones: `serviceDate` holds hours and `servicingTime` the date (section 4 of
`dialects/zhejiang.md`).
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import Any

from adapters.simulators.world.model import SurveyRow
from adapters.simulators.world.province import ProvinceWorld

_STEP = 500


class ServiceRecords:
    """All service records of a world in a fixed order. Only counts are kept; records are made when asked for."""

    def __init__(self, world: ProvinceWorld) -> None:
        self._world = world
        self._counted_at: object = None
        self._ends: list[int] = []

    def total(self) -> int:
        """How many there are now."""
        ends = self._count()
        return ends[-1] if ends else 0

    def page(self, offset: int, limit: int) -> list[dict[str, Any]]:
        """Records `offset` … `offset + limit`, short at the end."""
        ends = self._count()
        place = bisect_right(ends, offset)
        skip = offset - (ends[place - 1] if place else 0)
        found: list[dict[str, Any]] = []
        while place < len(ends) and len(found) < skip + limit:
            for row in self._world.survey_rows(place, _STEP):
                found += service_records(row)
            place += _STEP
        return found[skip : skip + limit]

    def _count(self) -> list[int]:
        """For each survey row, how many records there are up to its end; counted again when the world has moved."""
        state = (self._world.last_sequence, self._world.survey_total)
        if self._counted_at != state:
            rows = (
                row
                for start in range(0, self._world.survey_total, _STEP)
                for row in self._world.survey_rows(start, _STEP)
            )
            self._ends = list(accumulate(_pieces(row) for row in rows))
            self._counted_at = state
        return self._ends


def _pieces(survey: SurveyRow) -> int:
    return min(3, len(survey.service_items), survey.external_hours)


def service_records(survey: SurveyRow) -> list[dict[str, Any]]:
    """The services of one instrument: its external hours in up to three pieces, none when it served nobody."""
    pieces = _pieces(survey)
    if not pieces:
        return []
    number, unit = survey.internal_number, survey.unit
    each, rest = divmod(survey.external_hours, pieces)
    return [
        {
            "orderCode": f"DY{unit.short_code}{number}{piece + 1}",
            "assetCode": number,
            "companyId": unit.credit_code,
            "gs1Code": f"GS1{unit.place.province}{unit.short_code}{number}",
            "serviceDate": each + (rest if piece == 0 else 0),
            "serviceCost": f"{item.fee_fen / 100:.2f}",
            "serviceContent": item.name,
            "servicingTime": f"{survey.year}-{3 * piece + 2:02d}-15",
            "serviceUser": "演示用户",
            "servicingRole": 1,
            "serviceEnterprise": "示例科技有限公司（合成）",
            "servicingSource": 2,
            "servicingEnterpriseProperty": "无",
            "servicingEnterpriseType": "无",
            "servicePerson": unit.contact.name,
        }
        for piece, item in enumerate(survey.service_items[:pieces])
    ]
