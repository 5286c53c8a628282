"""The national platform's (NRII) field names and values, as the provinces that adopted them write a record.

Source: the push keys of 2019–2024 and the 数据报送规范 of 2016; the running state is of the older form. 江西 and 四川
send these fields as JSON, 湖北 as XML; each description in `dialects/` lists what its province adds or leaves out.
"""

from __future__ import annotations

from adapters.simulators.world.dirt import Render
from adapters.simulators.world.model import Instrument

CARRIER_NUMBERS = {
    "科学仪器中心": "1",
    "重大科研基础设施": "2",
    "国家重点实验室": "6",
    "国家工程技术研究中心": "7",
    "生物种质资源库馆": "8",
}


def national_fields(instrument: Instrument) -> dict[str, str]:
    """One instrument under the national keys, in the order of the form. What has no value is an empty text."""
    ink = Render(instrument)
    unit, place, customs = instrument.unit, instrument.place, instrument.customs
    return {
        "insCode": unit.id,
        "insName": unit.name,
        "innerId": instrument.internal_number,
        "cname": ink.text(instrument.name),
        "ename": ink.text(instrument.name_en),
        "instrBelongsType": CARRIER_NUMBERS.get(instrument.carrier_kind, ""),
        "resourceName": instrument.carrier_name,
        "insideDepart": ink.text(instrument.department),
        "instrCategory": ink.class_code(),
        "instrSource": instrument.acquisition,
        "type": instrument.equipment_type,
        "worth": ink.value(),
        "nation": instrument.country_name,
        "manufacturer": ink.text(instrument.manufacturer),
        "beginDate": ink.date(instrument.commissioned_on),
        "instrVersion": ink.text(instrument.model),
        "technical": instrument.indicators,
        "function": instrument.functions,
        "subject": ",".join(discipline.name for discipline in instrument.disciplines),
        "serviceContent": instrument.service_content,
        "requirement": instrument.user_notice,
        "fee": instrument.fee_text,
        "achievement": instrument.achievements,
        "serviceUrl": instrument.service_url,
        "image": instrument.image_url,
        "instrSupervise": "是" if customs is not None and customs.supervised else "否",
        "province": place.province_name,
        "city": place.city_name,
        "county": place.county_name,
        "street": ink.text(place.street),
        "postalcode": place.postcode,
        "contact": instrument.contact.name,
        "phone": only_phone(instrument),
        "email": instrument.contact.email,
        "status": instrument.running_state,
    }


def only_phone(instrument: Instrument) -> str:
    """The one telephone column of the national form: most people give the office's, some their mobile."""
    contact = instrument.contact
    return contact.mobile if instrument.internal_number[-1:] in ("3", "7") else contact.office_phone
