"""The search page: words, filters, paging, fee and distance, and the part for htmx."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from hub.core.runtime import Runtime
from hub.search.index import SearchIndex
from hub.search.request import Hit, HitAvailability
from station_portal import results
from station_portal.app import create_app
from station_portal.finding import EMPTY, FindForm
from station_portal.i18n import language
from tests.in_process import InProcess
from tests.station_portal import world
from tests.station_portal.conftest import text_of

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def ids(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/instruments/([a-z0-9-]+)"', page)


def test_pinyin_is_understood_marked_and_explained(reader: httpx.Client) -> None:
    page = reader.get("/search?q=smdj").text
    assert ids(page)
    assert "<mark>" in page
    assert "扫描电" in text_of(page.partition('class="why"')[2].partition("</ul>")[0])


def test_the_freshness_line_names_who_is_behind(reader: httpx.Client) -> None:
    text = text_of(reader.get("/search?open=any").text).replace(" ", "")
    assert "已检索11个平台，湖南、贵州等2个为缓存或延迟数据（最早更新于22分钟前）" in text


def test_both_counts_are_always_there(reader: httpx.Client) -> None:
    opened = text_of(reader.get("/search?province=420000").text)
    every = text_of(reader.get("/search?province=420000&open=any").text)
    assert "可对外预约 27 全部 45" in opened
    assert "共 27 台（套）" in opened
    assert "可对外预约 27 全部 45" in every
    assert "共 45 台（套）" in every


def test_pages_follow_each_other_without_a_gap(reader: httpx.Client) -> None:
    path, seen = "/search?province=420000&open=any&sort=newest", []
    for _ in range(5):
        page = reader.get(path).text
        seen += ids(page)
        following = re.search(r'href="([^"]+)"[^>]*>下一页', page)
        if following is None:
            break
        path = following.group(1).replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 45
    assert "回到第一页" in page


def test_an_altered_cursor_is_dropped_and_said(reader: httpx.Client) -> None:
    page = reader.get("/search?province=420000&cursor=nonsense").text
    assert len(ids(page)) == 20
    assert "有条件无法使用，已忽略" in page
    assert "分页游标无效" in page


def test_values_that_do_not_exist_are_ignored_and_named(reader: httpx.Client) -> None:
    page = reader.get(
        "/search?province=990000&class=zz&sort=best&unit=acre&quantity=-1&near=nowhere&open=maybe"
    ).text
    text = text_of(page)
    for words in (
        "“990000”不存在",
        "“zz”不存在",
        "“best”不存在",
        "“acre”不存在",
        "数量应为大于 0",
        "位置应为城市代码",
    ):
        assert words in text, words
    assert len(ids(page)) == 20


def test_words_that_are_too_long_are_cut(reader: httpx.Client) -> None:
    page = reader.get("/search", params={"q": "扫描" * 300}).text
    assert "已截断" in page


def test_text_that_is_a_query_language_elsewhere_is_only_text(reader: httpx.Client) -> None:
    for text in ("*", '"', "AND OR", "a:b", "(((", "\\", "%", "' OR 1=1 --", "<b>", "😀"):
        assert reader.get("/search", params={"q": text}).status_code == 200, text
        assert reader.get("/search/suggest", params={"q": text}).status_code == 200, text


def test_conditions_are_chips_that_take_themselves_away(reader: httpx.Client) -> None:
    page = reader.get("/search?q=XRD&province=420000&province=310000&country=JP&open=any").text
    chips = re.findall(r'<a class="chip" href="([^"]+)"', page)
    assert len(chips) == 3
    assert "/search?q=XRD&amp;province=310000&amp;country=JP&amp;open=any" in chips
    assert all(reader.get(chip.replace("&amp;", "&")).status_code == 200 for chip in chips)


def test_chosen_values_stay_ticked_even_when_nothing_has_them(reader: httpx.Client) -> None:
    page = reader.get("/search?country=JP&country=CN&province=310000").text
    assert re.search(r'name="country" value="JP" checked', page)
    assert re.search(r'name="province" value="310000" checked', page)


def test_fee_for_a_quantity_and_rows_that_cannot_be_compared(reader: httpx.Client) -> None:
    page = reader.get("/search?province=420000&sort=fee&unit=sample&quantity=3").text
    prices = [
        float(price.replace(",", "")) for price in re.findall(r'class="price"><b>¥([0-9.,]+)</b>', page)
    ]
    assert prices == sorted(prices)
    assert "3 样品 × ¥" in page
    other = reader.get("/search?province=420000&sort=fee&unit=day&quantity=1").text
    assert other.count("不按此单位计费") == 20


def test_nearest_first_from_a_city(reader: httpx.Client) -> None:
    page = reader.get("/search?sort=distance&near=420100&open=any").text
    found = [float(km.replace(",", "")) for km in re.findall(r"([0-9.,]+) km", page)]
    assert found == sorted(found)
    assert len(found) == 20
    assert "距离：武汉" in text_of(page)
    assert "请选择城市或使用我的位置" in reader.get("/search?sort=distance").text


def test_every_bookable_hit_says_when_it_is_free_and_who_says_so(reader: httpx.Client) -> None:
    page = reader.get("/search?sort=earliest&province=420000").text
    text = text_of(page)
    assert "最早可约 2026-01-06 09:" in text
    assert text.count("最早可约 2026-") == text.count("按默认开放时间推算，实际占用未知") == len(ids(page))
    assert "以管理单位答复为准" in text
    every = text_of(reader.get("/search?open=any&sort=earliest&province=420000").text)
    assert (
        0 < every.count("最早可约 2026-") == every.count("可对外预约 ") - 1 < 20
    )  # not for those kept inside


def test_a_time_in_which_it_is_to_be_free(reader: httpx.Client) -> None:
    whole = text_of(reader.get("/search?province=420000").text)
    page = reader.get("/search?province=420000&free_from=2026-01-10&free_to=2026-01-11").text  # a weekend
    assert "共 27 台（套）" in whole
    assert "共 0 台（套）" in text_of(page)
    assert 'name="free_from" value="2026-01-10"' in page
    assert '<a class="chip" href="/search?province=420000"' in page
    assert "2026-01-10 至 2026-01-11 有空闲" in page
    assert "共 27 台（套）" in text_of(reader.get("/search?province=420000&free_to=2026-01-13").text)


def test_dates_that_make_no_sense_are_dropped_and_named(reader: httpx.Client) -> None:
    text = text_of(reader.get("/search?free_from=tomorrow&free_to=2026-13-01").text)
    assert "日期“tomorrow”应写作" in text
    assert "日期“2026-13-01”应写作" in text
    turned = reader.get("/search?free_from=2026-01-09&free_to=2026-01-07").text
    assert "截止日期早于开始日期" in turned
    assert 'name="free_from" value="2026-01-09"' in turned
    last = reader.get("/search?free_from=9999-12-31&free_to=9999-12-31")
    assert last.status_code == 200


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (HitAvailability(None, None, "default"), "按默认开放时间推算，实际占用未知"),
        (HitAvailability(None, NOW - timedelta(minutes=3), "platform"), "省级平台提供，3 分钟前更新"),
        (HitAvailability(None, NOW - timedelta(hours=5), "hub"), "管理单位登记，5 小时前更新"),
        (HitAvailability(None, None, "hub"), "管理单位登记，更新时间未知"),
    ],
)
def test_the_age_of_what_is_known_is_said(known: HitAvailability, told: str) -> None:
    hit = Hit("31-a", "instrument", {"name_zh": "仪器", "sharing_mode": "external"}, {}, availability=known)
    result = replace(EMPTY, items=(hit,))
    [card] = results.cards(result, FindForm(), set(), language("zh"), now=NOW)
    assert (card.is_bookable, card.next_free, card.times_told) == (True, None, told)
    inside = replace(hit, summary={"name_zh": "仪器", "sharing_mode": "internal"})
    [card] = results.cards(replace(result, items=(inside,)), FindForm(), set(), language("zh"), now=NOW)
    assert not card.is_bookable


def test_nothing_found_helps_on(reader: httpx.Client) -> None:
    page = reader.get("/search?q=zzzzqqqq&province=420000").text
    assert "没有找到符合条件的仪器" in page
    assert "清空筛选条件，只保留搜索词" in page
    hidden = reader.get("/search?sharing=none").text
    assert "查看全部共享模式" in hidden or ids(hidden)


def test_htmx_gets_the_results_alone_and_the_shortest_address(reader: httpx.Client) -> None:
    answer = reader.get(
        "/search?q=XRD&open=external&sort=relevance&near=&province=420000", headers={"HX-Request": "true"}
    )
    assert "<html" not in answer.text
    assert 'id="facets"' in answer.text
    assert answer.headers["hx-push-url"] == "/search?q=XRD&province=420000"
    restored = reader.get(
        "/search?q=XRD", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    )
    assert "<html" in restored.text


def test_suggestions_are_options_of_a_list(reader: httpx.Client) -> None:
    page = reader.get("/search/suggest?q=smdj").text
    assert re.search(
        r'<li role="option" id="suggestion-1" aria-selected="false" data-text="[^"]*扫描电', page
    )
    assert "拼音" in page
    assert reader.get("/search/suggest?q=").text.strip() == ""


def test_facets_work_without_scripts(reader: httpx.Client) -> None:
    page = reader.get("/search").text
    assert '<form id="find"' in page
    assert 'action="/search"' in page
    assert "应用筛选" in page.partition("<noscript>")[2]
    ticked = reader.get("/search?province=420000&mode=machine_time").text
    assert 'name="city"' in ticked


def test_before_the_first_build_pages_say_so(own_world: Runtime) -> None:
    empty = own_world.home / "nothing"
    app = create_app(Runtime(home=own_world.home, database=own_world.database, adapters=own_world.adapters,
                             index=SearchIndex(empty), clock=own_world.clock))  # fmt: skip
    with httpx.Client(
        transport=InProcess(app),
        base_url="http://hub.test",
        headers={"Accept": "text/html", "Accept-Language": "zh"},
    ) as client:
        home = client.get("/")
        assert home.status_code == 200
        assert "正在建立目录" in home.text
        waiting = client.get("/search?q=XRD")
        assert waiting.status_code == 503
        assert "检索索引正在建立" in waiting.text
        assert waiting.headers["retry-after"]
        assert client.get(f"/stations/{world.MANY}").status_code == 200
        assert client.get("/search/suggest?q=x").status_code in (200, 503)
