from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from smap.content.exchange.fetching import FIRST_WAIT_S, LONGEST_WAIT_S, TRIES, Client
from smap.content.exchange.services import SERVICES, fetch_rows
from smap.errors import InputError, UsageError
from tests.content.exchange.answers import khs_item, wifi_row
from tests.content.exchange.open_server import KEY, OpenServer, serving


@pytest.fixture
def server() -> Iterator[OpenServer]:
    with serving() as running:
        yield running


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, list[float]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def client(
    server: OpenServer, clock: Clock | None = None, *, per_second: float = 1e9, key: str = KEY
) -> Client:
    time = clock or Clock()
    return Client(server.base, secret=key, per_second=per_second, sleep=time.sleep, clock=lambda: time.now)


def test_all_pages_of_a_list_are_asked_for(server: OpenServer) -> None:
    server.khs = [khs_item(f"서울 탑 {number}", "12", str(number)) for number in range(230)]
    rows = list(fetch_rows("khs", client(server)))
    assert [row.fields["ccbaMnm1"] for row in rows] == [f"서울 탑 {number}" for number in range(230)]
    asked = [parse_qs(urlsplit(path).query) for path in server.asked]
    assert [query["pageIndex"] for query in asked] == [["1"], ["2"], ["3"]]
    assert {query["ccbaCtcd"][0] for query in asked} == {"11"}


def test_a_server_that_gives_smaller_pages_than_asked_is_followed(server: OpenServer) -> None:
    server.khs = [khs_item(f"탑 {number}", "12", str(number)) for number in range(35)]
    server.page = 10
    assert len(list(fetch_rows("khs", client(server)))) == 35


def test_details_are_asked_for_by_thirteen_digits(server: OpenServer) -> None:
    server.khs = [khs_item("서울 숭례문", "11", "10000000")]
    (row,) = fetch_rows("khs", client(server), details=True)
    assert (row.fields["gcodeName"], row.fields["ccsiName"]) == ("유적건조물", "중구")
    assert parse_qs(urlsplit(server.asked[-1]).query)["ccbaAsno"] == ["0000010000000"]


@pytest.mark.parametrize("count", [0, 1, 2, 1000, 1001, 2500])
def test_touristic_pages_are_objects_lists_or_nothing(server: OpenServer, count: int) -> None:
    server.tour = [{"contentid": str(number)} for number in range(count)]
    rows = list(fetch_rows("tour", client(server), key=KEY, parameters={"contentTypeId": "12"}))
    assert [row.fields["contentid"] for row in rows] == [str(number) for number in range(count)]
    assert all("contentTypeId=12" in path for path in server.asked)
    assert len(server.asked) == max(1, -(-count // 1000))


@pytest.mark.parametrize("form", [KEY, quote(KEY, safe="")])
def test_a_key_of_either_form_is_taken(server: OpenServer, form: str) -> None:
    server.tour = [{"contentid": "1"}]
    assert len(list(fetch_rows("tour", client(server), key=form))) == 1


@pytest.mark.parametrize("count", [0, 1, 1000, 1001, 2350])
def test_a_set_of_the_city_is_asked_for_by_thousands(server: OpenServer, count: int) -> None:
    server.seoul["TbPublicWifiInfo"] = [wifi_row(number) for number in range(count)]
    rows = list(fetch_rows("seoul", client(server), key=KEY, dataset="TbPublicWifiInfo"))
    assert [row.fields for row in rows] == server.seoul["TbPublicWifiInfo"]
    assert server.asked[0].endswith("/json/TbPublicWifiInfo/1/1000/")


def test_a_service_that_tells_of_more_than_it_has_ends(server: OpenServer) -> None:
    server.tour = [{"contentid": str(number)} for number in range(1500)]
    server.claims = 900
    assert len(list(fetch_rows("tour", client(server), key=KEY))) == 1500
    assert len(server.asked) == 3


def test_a_list_that_shrinks_while_it_is_read_ends(server: OpenServer) -> None:
    server.seoul["A"] = [wifi_row(number) for number in range(1500)]
    rows = fetch_rows("seoul", client(server), key=KEY, dataset="A")
    first = next(rows)
    server.seoul["A"] = server.seoul["A"][:1000]
    assert len([first, *rows]) == 1000


@pytest.mark.parametrize("stumble", [(429, {}), (500, {}), (503, {"Retry-After": "7"}), (0, {})])
def test_after_a_stumble_it_is_asked_again(server: OpenServer, stumble: tuple[int, dict[str, str]]) -> None:
    server.tour = [{"contentid": "1"}]
    server.stumbles = [stumble, stumble]
    clock = Clock()
    assert len(list(fetch_rows("tour", client(server, clock), key=KEY))) == 1
    assert clock.slept[:1] == [7.0 if stumble[1] else FIRST_WAIT_S]
    assert len(server.asked) == 3


def test_it_gives_up_and_waits_longer_each_time_but_never_for_ever(server: OpenServer) -> None:
    server.stumbles = [(503, {"Retry-After": "9999"})] * 10
    clock = Clock()
    with pytest.raises(InputError, match=rf"status 503, {TRIES} times: try again later"):
        client(server, clock).get("/", "a page")
    assert clock.slept == [LONGEST_WAIT_S] * (TRIES - 1)
    assert len(server.asked) == TRIES


@pytest.mark.parametrize("status", [400, 401, 403, 404, 501])
def test_what_will_not_pass_is_asked_once(server: OpenServer, status: int) -> None:
    server.stumbles = [(status, {})]
    with pytest.raises(InputError, match=f"status {status}"):
        client(server).get("/", "a page")
    assert len(server.asked) == 1


def test_it_does_not_follow_to_another_place(server: OpenServer) -> None:
    server.stumbles = [(302, {"Location": f"http://elsewhere.example/{KEY}"})]
    with pytest.raises(InputError, match=r"points to elsewhere\.example") as caught:
        client(server).get("/", "a page")
    assert KEY not in str(caught.value)


def test_it_keeps_its_pace(server: OpenServer) -> None:
    clock = Clock()
    asking = client(server, clock, per_second=4)
    server.khs = [khs_item("탑", "12", "1")]
    for _ in range(4):
        list(fetch_rows("khs", asking))
    assert clock.slept == [0.25, 0.25, 0.25]


@pytest.mark.parametrize(
    "key", [KEY, quote(KEY, safe=""), "wrong key with spaces", "잘못된열쇠", "a\nb", "plain0123456789"]
)
@pytest.mark.parametrize("name", ["tour", "seoul"])
def test_no_error_holds_the_key(server: OpenServer, name: str, key: str) -> None:
    def fault(stumbles: list[tuple[int, dict[str, str]]], base: str = "") -> str:
        server.stumbles = list(stumbles)
        asking = Client(base or server.base, secret=key, per_second=1e9, sleep=lambda _: None)
        with pytest.raises(InputError) as caught:
            list(fetch_rows(name, asking, key=key, dataset="A"))
        assert caught.value.__cause__ is None
        return str(caught.value)

    told = [fault([(status, {})] * TRIES) for status in (0, 404, 503)]
    told += [fault([(302, {"Location": f"/{key!r}"})]), fault([], base="http://127.0.0.1:9")]
    if key not in (KEY, quote(KEY, safe="")):
        told.append(fault([]))  # told back by the service itself
    for line in told:
        assert "\n" not in line
        assert not any(form in line for form in (key, quote(key, safe=""), quote(key)))


def test_a_key_that_is_not_known_is_told_by_what_the_service_says(server: OpenServer) -> None:
    with pytest.raises(InputError, match="SERVICE_KEY_IS_NOT_REGISTERED_ERROR"):
        list(fetch_rows("tour", client(server, key="other"), key="other"))
    with pytest.raises(InputError, match=r"INFO-100 인증키가 유효하지 않습니다: \*\*\*"):
        list(fetch_rows("seoul", client(server, key="other"), key="other", dataset="A"))


@pytest.mark.parametrize("dataset", ["", "a/b", "../1", "한글"])
def test_a_set_of_the_city_has_a_plain_name(server: OpenServer, dataset: str) -> None:
    with pytest.raises(UsageError, match="name one by --dataset"):
        list(fetch_rows("seoul", client(server), key=KEY, dataset=dataset))


@pytest.mark.parametrize("base", ["ftp://a.kr", "file:///etc/passwd", "a.kr", f"//{KEY}"])
def test_an_address_of_no_service_is_refused(base: str) -> None:
    with pytest.raises(UsageError, match="no address of a service") as caught:
        Client(base, secret=KEY)
    assert KEY not in str(caught.value)


def test_an_answer_that_is_no_text_or_has_no_end_is_refused(
    server: OpenServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OpenServer, "answer", lambda _self, _path: b"\xff\xfe" * 600)
    with pytest.raises(InputError, match="not utf-8"):
        client(server).text("/", "a page")
    monkeypatch.setattr("smap.content.exchange.fetching.LARGEST_ANSWER", 1000)
    with pytest.raises(InputError, match="the answer has more than"):
        client(server).text("/", "a page")


def test_every_service_has_a_secure_address_but_one_that_has_none() -> None:
    plain = [name for name, service in SERVICES.items() if not service.base.startswith("https://")]
    assert plain == ["seoul"]  # openapi.seoul.go.kr:8088 speaks no TLS
