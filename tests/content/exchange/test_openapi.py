from __future__ import annotations

import json
from pathlib import Path

import pytest

from smap.content.exchange.openapi import read_seoul, read_tour, seoul_answer, tour_answer
from smap.errors import InputError
from tests.content.exchange.answers import seoul, tour, wifi_row

ROW = {"contentid": "1", "title": "남산"}


@pytest.mark.parametrize(
    ("body", "rows", "total"),
    [
        (tour([ROW, ROW], 2), [ROW, ROW], 2),
        (tour(ROW, 1), [ROW], 1),
        (tour("", 0), [], 0),
        (tour("", 0, "03"), [], 0),
        (tour([ROW], 3001), [ROW], 3001),
    ],
)
def test_items_may_be_a_list_an_object_or_nothing(
    body: bytes, rows: list[dict[str, str]], total: int
) -> None:
    answer = tour_answer(body.decode(), "TourAPI")
    assert (answer.rows, answer.total) == (rows, total)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (tour("", 0, "22").decode(), "tells of a fault: 22 OK"),
        ('{"resultCode": "10", "resultMsg": "INVALID_REQUEST_PARAMETER_ERROR"}', "10 INVALID_REQUEST"),
        (
            "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>"
            "SERVICE_KEY_IS_NOT_REGISTERED_ERROR</returnAuthMsg><returnReasonCode>30</returnReasonCode>"
            "</cmmMsgHeader></OpenAPI_ServiceResponse>",
            "SERVICE_KEY_IS_NOT_REGISTERED_ERROR 30",
        ),
        ("Unexpected errors", "no JSON"),
        ("[]", "holds no object"),
        ("[" * 100_000, "no JSON"),
        ('{"response": {"header": {"resultCode": "0000"}, "body": {"items": {"item": [5]}}}}', "no row"),
        ("{}", "tells of a fault: no code"),
    ],
)
def test_what_touristic_faults_say_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        tour_answer(text, "TourAPI")


def test_a_set_of_the_city_is_read_whatever_its_name() -> None:
    answer = seoul_answer(seoul("TbPublicWifiInfo", [wifi_row(1)], 13628).decode(), "seoul")
    assert (answer.rows[0]["X_SWIFI_MGR_NO"], answer.total) == ("ARI00001", 13628)


def test_no_data_stands_at_the_root_and_is_no_fault() -> None:
    answer = seoul_answer(seoul("TbPublicWifiInfo", [], 0).decode(), "seoul")
    assert (answer.rows, answer.total) == ([], 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"RESULT": {"CODE": "ERROR-500", "MESSAGE": "서버 오류"}}', "ERROR-500 서버 오류"),
        ('{"A": {"RESULT": {"CODE": "ERROR-336"}, "row": []}}', "ERROR-336"),
        ("<RESULT><CODE>INFO-100</CODE><MESSAGE>인증키가 유효하지 않습니다.</MESSAGE></RESULT>", "INFO-100"),
        ("<html>", "no JSON"),
        ("{}", "no code"),
    ],
)
def test_what_the_citys_faults_say_is_told(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        seoul_answer(text, "seoul")


def test_stored_answers_and_files_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(tour(ROW, 1))
    assert [row.fields for row in read_tour(path)] == [ROW]
    path.write_bytes(json.dumps({"DESCRIPTION": {"A": "가"}, "DATA": [{"A": 1}]}).encode())
    assert [row.fields for row in read_seoul(path)] == [{"A": 1}]
