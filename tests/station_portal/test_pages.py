"""Public pages: what they show, in both languages, without scripts."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qs

import httpx
import pytest

from hub.core import sequencer
from hub.core.runtime import Runtime
from hub.core.web import access_table, check_access_table
from station_portal.app import create_app
from station_portal.rendering import Pages
from station_portal.statics import Assets
from tests.in_process import InProcess
from tests.station_portal import world
from tests.station_portal.conftest import hrefs_of, text_of

PUBLIC = (
    "/", "/?p=420000", "/?p=310000&open=any&class=010000", "/search", "/search?q=smdj", "/search?open=any&sort=newest",
    "/search?sort=fee&unit=sample&quantity=3", "/search?sort=distance&near=420100", "/search?q=zzzzqqqq", "/stations",
    "/stations/420000", "/provinces", "/provinces/420000", "/provinces/430000", "/provinces/520000", "/statistics",
    "/about", "/help", "/sign-in", "/problems/run_busy",
)  # fmt: skip


def first(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, pattern
    return found.group(0)


@pytest.fixture(scope="module")
def instrument(reader: httpx.Client) -> str:
    """The address of an instrument of the largest province that works and is open."""
    page = reader.get("/search?province=420000&q=iCAP+RQ-1").text
    return first(r"/instruments/42-[a-z2-7]{12}", page)


@pytest.fixture(scope="module")
def every_page(reader: httpx.Client, instrument: str) -> dict[str, str]:
    """All kinds of public pages by address."""
    institution = first(r"/institutions/[a-z0-9-]+", reader.get(instrument).text)
    pages = {}
    for path in (*PUBLIC, instrument, institution):
        answer = reader.get(path)
        assert answer.status_code == 200, (path, answer.text[:500])
        pages[path] = answer.text
    return pages


def test_pages_have_one_heading_a_title_and_a_way_past_the_frame(every_page: dict[str, str]) -> None:
    titles = set()
    for path, page in every_page.items():
        assert len(re.findall(r"<h1[\s>]", page)) == 1, path
        assert '<html lang="zh-CN"' in page
        assert '<a class="skip" href="#main">' in page
        assert page.count("<main ") == 1
        titles.add(first(r"<title>.+</title>", page))
    assert len(titles) >= 12


def test_pages_obey_the_content_security_policy(every_page: dict[str, str], reader: httpx.Client) -> None:
    policy = reader.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for path, page in every_page.items():
        assert not re.search(r"<[^>]+\sstyle=", page), path
        assert not re.search(r"<[^>]+\son[a-z]+=", page), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert "hx-on" not in page
        assert "js:" not in page
        for address in re.findall(r'(?:src|href)="(//[^"]+|https?://[^"]+)"', page):
            assert 'rel="noopener external"' in page, address


def test_every_link_of_every_page_leads_somewhere(every_page: dict[str, str], reader: httpx.Client) -> None:
    links = {link.partition("#")[0] for page in every_page.values() for link in hrefs_of(page)} - {""}
    kinds: dict[tuple[str, ...], list[str]] = {}
    for link in sorted(links):
        path, _, query = link.partition("?")
        shape = re.sub(r"[0-9]{2}-[a-z0-9-]+|[0-9]{6}", "…", path)
        kinds.setdefault((shape, *sorted(parse_qs(query))), []).append(link)
    assert len(links) > 120
    assert len(kinds) > 25
    for alike in kinds.values():
        for link in alike[:3]:
            if not link.startswith("/static/"):
                assert reader.get(link).status_code < 400, link


def test_every_fragment_link_has_its_target(every_page: dict[str, str]) -> None:
    for path, page in every_page.items():
        ids = set(re.findall(r'\sid="([^"]+)"', page))
        for target in re.findall(r'href="#([^"]+)"', page):
            assert target in ids, (path, target)
        assert len(re.findall(r'\sid="([^"]+)"', page)) == len(ids), path


def test_english_pages_are_english(every_page: dict[str, str], reader: httpx.Client) -> None:
    for path in every_page:
        address = f"{path}{'&' if '?' in path else '?'}lang=en"
        page = reader.get(address).text
        assert '<html lang="en"' in page
        assert "Find instruments" in page
        assert "可对外预约" not in page, path
    reader.cookies.clear()


def test_the_choice_of_language_and_theme_stays(small_world: Runtime) -> None:
    with httpx.Client(transport=InProcess(create_app(small_world)), base_url="http://hub.test") as client:
        first_page = client.get("/search?q=XRD&lang=en&theme=dark").text
        assert 'data-theme="dark"' in first_page
        again = client.get("/search?q=XRD").text
        assert '<html lang="en" data-theme="dark"' in again
        assert 'href="/search?q=XRD&amp;lang=zh"' in again


def test_home_shows_eleven_stations_and_both_counts(reader: httpx.Client) -> None:
    page = reader.get("/").text
    for code in world.CODES:
        assert f'href="/stations/{code}"' in page
        assert f'href="/?p={code}#map"' in page
    assert len(re.findall(r'<a class="hex', page)) == 2 * len(world.CODES)
    every, opened = (
        int(found) for found in re.search(r"汇聚 (\d+) 台.*?其中 (\d+) 台", text_of(page)).groups()
    )  # type: ignore[union-attr]
    assert 0 < opened < every
    assert f"可对外预约 {opened}" in text_of(page)
    assert f"全部 {every}" in text_of(page)
    assert "示意图，不表示行政区域界线与领土范围" in page


def test_the_map_counts_under_its_filters(reader: httpx.Client) -> None:
    def shown(query: str) -> int:
        page = reader.get(f"/?{query}").text
        return int(first(r"湖北 \d+ 台", page)[3:-2])

    assert shown("open=any") > shown("open=external") > shown("open=external&class=010200") > 0
    assert shown("class=990000") == 0
    assert shown("class=nonsense&p=999999") == shown("")


def test_the_panel_is_the_same_with_and_without_scripts(reader: httpx.Client) -> None:
    whole = reader.get("/?p=420000").text
    panel = reader.get("/map/420000", headers={"HX-Request": "true"}).text
    assert "<html" not in panel
    inner = whole.partition('id="map-panel"')[2].partition("</aside>")[0].partition(">")[2]
    assert re.sub(r"\s+", " ", inner).strip() == re.sub(r"\s+", " ", panel).strip()
    assert "/search?province=420000&amp;city=" in panel


def test_link_states_are_told_with_their_age(reader: httpx.Client) -> None:
    text = text_of(reader.get("/provinces").text)
    assert re.search(r"贵州 \S+ 4 6 2 缓存 22 分钟前", text)
    assert re.search(r"湖南 \S+ 4 6 2 缓存 22 分钟前", text)
    assert re.search(r"上海 \S+ 4 6 2 在线 22 分钟前", text)
    page = reader.get("/?p=520000").text
    assert "平台暂不可达，显示最近一次同步的内容" in page


def test_a_station_leads_to_its_provinces_own_platform(reader: httpx.Client) -> None:
    for code in world.CODES:
        platform = world.manifest_of(code).platform
        page = reader.get(f"/stations/{code}").text
        assert f'href="{platform.url}" rel="noopener external"' in page
        assert platform.name.zh in page


def test_instrument_says_whether_and_why_it_can_be_booked(reader: httpx.Client, instrument: str) -> None:
    page = reader.get(instrument).text
    text = text_of(page)
    assert "可对外预约 管理单位申报为“外部共享”" in text
    assert "GB/T 17359-2023" in text
    assert re.search(r"¥312\.50\s*/样品", text)
    assert "需通过培训" in text
    assert "22 分钟前核对" in text
    assert "1-aaaaaaaa" in text
    assert 'href="https://booking.example/i/1"' in page


def test_instrument_under_customs_supervision(reader: httpx.Client) -> None:
    found = [
        text_of(reader.get(path).text)
        for path in sorted(
            set(
                re.findall(
                    r"/instruments/31-[a-z2-7]{12}", reader.get("/search?province=310000&open=any").text
                )
            )
        )
    ]
    supervised = [text for text in found if "海关监管至 2030-06-30；批准用途：科学研究" in text]
    assert len(supervised) == 1
    assert "或可对外预约" in supervised[0]
    assert any("管理单位申报为“内部共享”" in text and "不能对外预约" in text for text in found)


def test_province_tells_runs_holds_and_quarantine(reader: httpx.Client) -> None:
    emptied = text_of(reader.get(f"/provinces/{world.EMPTIED}").text)
    assert "来源突然少了许多记录，删除已暂缓" in emptied
    assert "可疑" in emptied
    unreachable = text_of(reader.get(f"/provinces/{world.UNREACHABLE}").text)
    assert "最近一次连接失败 平台拒绝了凭证（合成）" in unreachable
    many = text_of(reader.get(f"/provinces/{world.MANY}").text)
    assert "隔离的记录 1" in many
    assert "/classification 有误" in many


def test_records_of_the_emptied_source_stay_and_are_marked(reader: httpx.Client) -> None:
    page = reader.get(f"/search?province={world.EMPTIED}").text
    assert page.count('class="card hit"') == 4
    assert page.count("缓存数据") >= 4


def test_statistics_stand_beside_the_study(reader: httpx.Client) -> None:
    text = text_of(reader.get("/statistics").text)
    assert "15,194" in text
    assert "33,817" in text
    assert "一致" in text or "不一致" in text
    assert "全国" in text


def test_statistics_are_counted_once_for_each_state(own_world: Runtime) -> None:
    app = create_app(own_world)
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as client:
        client.get("/statistics")
        first_count = app.state.counted
        client.get("/statistics")
        assert app.state.counted is first_count
        with own_world.database.write() as session:
            sequencer.announce(session, "catalog", "31-aaaaaaaaaaaa", {"kind": "instrument", "action": "put"})
        while sequencer.number_once(own_world.database):
            pass
        client.get("/statistics")
        assert app.state.counted.number > first_count.number


def test_unknown_and_withdrawn_things_are_told_as_pages(reader: httpx.Client) -> None:
    for path in (
        "/nowhere",
        "/instruments/31-aaaaaaaaaaaa",
        "/institutions/31-u-aaaaaaaaaaaa",
        "/stations/410000",
        "/provinces/000000",
        "/map/1",
        "/problems/none",
    ):
        answer = reader.get(path)
        assert answer.status_code == 404, path
        assert "没有找到这个页面" in answer.text
        assert re.search(rf"追踪号 .*{answer.headers['x-request-id']}", answer.text)
        assert answer.headers["cache-control"] == "no-store"


def test_programs_get_problem_documents(reader: httpx.Client) -> None:
    answer = reader.get("/nowhere", headers={"Accept": "*/*"})
    assert answer.headers["content-type"] == "application/problem+json"
    answer = reader.get("/api/v1/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_fault_of_our_own_is_a_page_with_a_trace_number(
    small_world: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: object) -> None:
        raise ZeroDivisionError

    app = create_app(small_world)
    monkeypatch.setitem(app.state.pages.environments["zh"].globals, "search_url", fails)
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as client:
        answer = client.get("/help", headers={"Accept": "text/html", "Accept-Language": "zh"})
    assert answer.status_code == 500
    assert "系统出现故障" in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert "ZeroDivisionError" not in answer.text


def test_without_assets_pages_say_which_command_builds_them(
    small_world: Runtime, every_page: dict[str, str]
) -> None:
    app = create_app(small_world)
    app.state.pages = Pages.create(Assets({}), is_demo=True)
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as client:
        for path in every_page:
            page = client.get(path, headers={"Accept": "text/html", "Accept-Language": "zh"}).text
            assert "python -m station_portal.assets" in page, path
            assert "<script" not in page


def test_only_the_demo_says_that_its_data_are_synthetic(small_world: Runtime) -> None:
    app = create_app(small_world)
    app.state.pages = Pages.create(Assets({}), is_demo=False)
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as client:
        assert "合成数据" not in client.get("/help", headers={"Accept-Language": "zh"}).text
    app.state.pages = Pages.create(Assets({}), is_demo=True)
    with httpx.Client(transport=InProcess(app), base_url="http://hub.test") as client:
        assert "合成数据" in client.get("/help", headers={"Accept-Language": "zh"}).text


def test_every_route_of_the_portal_has_an_access_entry(small_world: Runtime) -> None:
    app = create_app(small_world)
    check_access_table(app)
    table = access_table(app)
    for route, names in table.items():
        if "/staff" in route or route == "POST /provinces/{code}/run":
            assert names != ("public",), route
    assert table["POST /provinces/{code}/run"] == ("catalog.run_province",)
    assert table["GET /search"] == ("public",)


def in_order(text: str, words: Iterable[str]) -> bool:
    places = [text.find(word) for word in words]
    return -1 not in places and places == sorted(places)


def test_tiles_follow_the_river_from_west_to_east(reader: httpx.Client) -> None:
    page = reader.get("/").text.partition('class="belt"')[2]
    assert in_order(
        page, [f'data-code="{code}"' for code in ("530000", "510000", "500000", "420000", "340000", "310000")]
    )
