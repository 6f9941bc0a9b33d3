"""Answers of the three open APIs as they come, made here: their forms and their traps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["KHS_DETAIL", "KHS_LIST", "khs_item", "khs_list", "seoul", "tour", "wifi_row"]


def khs_item(
    name: str, kind: str, number: str, lon: str = "126.975312652739", lat: str = "37.559975221378"
) -> str:
    """One item of a list, in CDATA where the service puts it."""
    return f"""<item><sn>1</sn><no>1</no><ccmaName><![CDATA[국보]]></ccmaName><crltsnoNm/>
<ccbaMnm1><![CDATA[{name}]]></ccbaMnm1><ccbaMnm2><![CDATA[서울 崇禮門]]></ccbaMnm2>
<ccbaCtcdNm><![CDATA[서울]]></ccbaCtcdNm><ccsiName><![CDATA[중구]]></ccsiName>
<ccbaAdmin><![CDATA[국가유산청]]></ccbaAdmin><ccbaKdcd>{kind}</ccbaKdcd><ccbaCtcd>11</ccbaCtcd>
<ccbaAsno>{number}</ccbaAsno><ccbaCncl>N</ccbaCncl><ccbaCpno>{kind}{number.zfill(13)[2:9]}0000</ccbaCpno>
<longitude>{lon}</longitude><latitude>{lat}</latitude></item>"""


def khs_list(items: Sequence[str], total: int) -> bytes:
    """A page of a list."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<result>'
    paging = f"<totalCnt>{total}</totalCnt><pageUnit>100</pageUnit><pageIndex>1</pageIndex>"
    return f"{head}{paging}{''.join(items)}</result>".encode()


KHS_LIST = khs_list(
    [
        khs_item("서울 숭례문", "11", "10000000"),
        khs_item("서울 원각사지 십층석탑", "11", "20000000", "0", "0"),
    ],
    2,
)
KHS_DETAIL = """<?xml version="1.0" encoding="UTF-8"?>
<result><ccbaKdcd>11</ccbaKdcd><ccbaAsno>0000010000000</ccbaAsno><ccbaCtcd>11</ccbaCtcd>
<ccbaCpno>1111100010000</ccbaCpno><longitude>126.975312652739</longitude><latitude>37.559975221378</latitude>
<item><ccmaName>국보</ccmaName><ccbaMnm1><![CDATA[서울 숭례문]]></ccbaMnm1>
<ccbaMnm2><![CDATA[서울 崇禮門]]></ccbaMnm2><gcodeName><![CDATA[유적건조물]]></gcodeName>
<bcodeName><![CDATA[정치국방]]></bcodeName><mcodeName><![CDATA[성]]></mcodeName>
<scodeName><![CDATA[성곽시설]]></scodeName><ccbaQuan><![CDATA[1동]]></ccbaQuan><ccbaAsdt>19621220</ccbaAsdt>
<ccbaLcad><![CDATA[서울 중구 세종대로 40]]></ccbaLcad><ccceName><![CDATA[조선시대]]></ccceName>
<ccbaPoss><![CDATA[국유]]></ccbaPoss><imageUrl><![CDATA[http://www.khs.go.kr/a.jpg]]></imageUrl>
<content><![CDATA[조선시대 한양도성의 정문으로 <b>남쪽</b>에 있다고 해서 남대문이라고도 불렀다.]]></content>
</item></result>""".encode()


def tour(rows: object, total: int, code: str = "0000") -> bytes:
    """A page of areaBasedList2; `rows` as `items` holds them: an object, a list, or "" for none."""
    items: Any = rows if rows == "" else {"item": rows}
    body = {"items": items, "numOfRows": 1000, "pageNo": 1, "totalCount": total}
    head = {"resultCode": code, "resultMsg": "OK"}
    return json.dumps({"response": {"header": head, "body": body}}, ensure_ascii=False).encode()


def seoul(dataset: str, rows: Sequence[object], total: int) -> bytes:
    """A page of a set of data.seoul.go.kr; without rows, its INFO-200 at the root."""
    if not rows:
        nothing = {"CODE": "INFO-200", "MESSAGE": "해당하는 데이터가 없습니다."}
        return json.dumps({"RESULT": nothing}, ensure_ascii=False).encode()
    good = {"CODE": "INFO-000", "MESSAGE": "정상 처리되었습니다"}
    whole = {dataset: {"list_total_count": total, "RESULT": good, "row": list(rows)}}
    return json.dumps(whole, ensure_ascii=False).encode()


def wifi_row(number: int, lat: str = "37.5665", lnt: str = "126.9780") -> dict[str, str]:
    """A row of TbPublicWifiInfo."""
    return {
        "X_SWIFI_MGR_NO": f"ARI{number:05d}",
        "X_SWIFI_WRDOFC": "중구",
        "X_SWIFI_MAIN_NM": f"와이파이 {number}",
        "X_SWIFI_INOUT_DOOR": "실외",
        "X_SWIFI_SVC_SE": "공공WiFi",
        "X_SWIFI_CNSTC_YEAR": "2019",
        "LAT": lat,
        "LNT": lnt,
        "WORK_DTTM": "2024-03-01 10:58:25.0",
    }
