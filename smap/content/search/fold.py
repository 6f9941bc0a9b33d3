"""Texts made comparable: one case, one width, one form of each Chinese character, one kana. Pure.

Every folded character knows which character of the text it came from, so that a match can be marked there.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["compact", "fold", "fold_with_origins", "spans_in"]

_VARIANTS = (
    "門门 宮宫 國国囯 廟庙 樓楼 閣阁 東东 觀观観 橋桥 館馆舘 龍龙竜 德徳 壇坛 書书 學学 會会 鐘钟鍾 "
    "廣广広 場场 漢汉 陽阳 興兴 義义 禮礼 肅肃粛 寧宁 園园 塚冢 慶庆 華华 聖圣 綠绿緑 橫横 龜龟亀 "
    "鳳凤 麗丽 島岛嶋 嶽岳 溪渓谿 澤泽沢 濟济済 灣湾 瀧滝 舊旧 殘残 歷历歴 曆历暦 圖图図 畫画 術术 "
    "藝艺芸 體体 區区 縣县県 廳厅庁 驛驿駅 鐵铁鉄 線线 車车 機机 發发発 電电 氣气気 醫医 藥药薬 "
    "應应応 樂乐楽 謝谢 讀读読 議议 護护 軍军 戰战戦 將将 壯壮 從从従 後后 舍舎 倉仓 庫库 錢钱銭 銀银 "
    "銅铜 錄录録 鏡镜 長长 間间 關关関 闕阙 開开 隱隐隠 險险険 陸陆 陰阴 際际 雙双 雲云 靈灵霊 顯显顕 "
    "飛飞 馬马 驚惊 鷄鸡鶏 鶴鹤 黃黄 點点 齊齐斉 齋斋斎 傳传伝 佛仏 來来 倫伦 價价価 億亿 兩两両 "
    "勸劝勧 勳勋勲 勞劳労 單单単 嚴严厳 團团団 圓圆円 墻墙牆 壽寿 夢梦 奧奥 寶宝 寢寝 實实実 對对対 "
    "屬属 巖岩 帶带帯 廢废廃 彌弥 徑径 恆恒 惠恵 愛爱 懷怀懐 戲戏戯 拜拝 據据拠 擇择択 擴扩拡 敎教 "
    "數数 斷断 時时 晝昼 曉晓暁 業业 榮荣栄 槪概 樞枢 權权権 歸归帰 殼壳殻 決决 淸清 淨净浄 淺浅 湯汤 "
    "滿满満 潛潜 潤润 瀨瀬 燈灯 爐炉 爲為为 狀状 獨独 獻献 產产産 當当 盡尽 眞真 祕秘 祿禄 禪禅 種种 "
    "稱称 穀谷 穩稳穏 競竞 筆笔 節节 經经経 繼继継 續续続 纖纤繊 羅罗 聽听聴 聲声 聰聡 腦脑脳 臺台 "
    "與与 莊庄荘 萬万 葉叶 藏蔵 虛虚 號号 蟲虫 衛卫 裝装 複复 覺觉覚 貞贞 財财 貨货 賢贤 賣卖売 質质 "
    "趙赵 辭辞 農农 連连 進进 運运 過过 達达 遠远 遷迁 選选 遺遗 邊边辺 鄕乡郷 鄭郑 釋释釈 鎭镇鎮 "
    "陳陈 隨随 雜杂雑 難难 靜静 頂顶 順顺 領领 頭头 題题 願愿 顏颜 風风 養养 髮发髪 魚鱼 鮮鲜 鳥鸟 "
    "麥麦 閔闵 鞏巩 鍛锻 淵渊 熙煕 貴贵 賓宾 賞赏 鷺鹭 櫻樱桜 紅红 練练 緣缘縁 總总総 縱纵縦 織织 "
    "綱纲 絲丝糸 統统 結结 給给 絶绝 紀纪 約约 純纯 級级 終终 組组 細细 網网 維维 綜综 詩诗 話话 "
    "說说説 語语 論论 諸诸 證证証 譯译訳 讓让譲 變变変 記记 設设 許许 訪访 試试"
)
"""The Chinese characters of place names whose Korean (full), simplified and Japanese forms differ.

Each group begins with the full form. Written by hand for the names of Seoul, and no table of all variants.
A character that stands for several (后 for 后 and 後) folds with all of them: one hit too many does no harm.
"""
_OTHER_FORM = {other: group[0] for group in _VARIANTS.split() for other in group[1:]}
_FIRST_JAMO, _LAST_JAMO = "\u3131", "\u318e"
_FIRST_KATAKANA, _LAST_KATAKANA, _TO_HIRAGANA = 0x30A1, 0x30F6, 0x60


def fold(text: str) -> str:
    """Make texts comparable: no case, no width, one space between words, nothing unprintable."""
    return fold_with_origins(text)[0]


def fold_with_origins(text: str) -> tuple[str, list[int]]:
    """Give the folded text, and for each of its characters the offset in NFC of the one it came from."""
    folded: list[str] = []
    origins: list[int] = []
    for offset, character in enumerate(unicodedata.normalize("NFC", text)):
        piece = _folded(character)
        if piece == " " and (not folded or folded[-1] == " "):
            continue
        folded.extend(piece)
        origins.extend([offset] * len(piece))
    if folded and folded[-1] == " ":
        folded.pop()
        origins.pop()
    return "".join(folded), origins


def compact(folded: str) -> str:
    """Leave the spaces out: Korean writes 남산타워 and 남산 타워."""
    return folded.replace(" ", "")


def spans_in(text: str, found: list[tuple[int, int]], *, spaces: bool) -> list[list[int]]:
    """Turn spans of the folded text (of its compact form without `spaces`) into spans of the text itself.

    Touching spans become one. Offsets count characters (code points) of the text in NFC.
    """
    folded, origins = fold_with_origins(text)
    if not spaces:
        origins = [origin for character, origin in zip(folded, origins, strict=True) if character != " "]
    spans: list[list[int]] = []
    for start, end in sorted(found):
        first, last = origins[start], origins[end - 1] + 1
        if spans and first <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], last)
        else:
            spans.append([first, last])
    return spans


@lru_cache(maxsize=1 << 15)
def _folded(character: str) -> str:
    """One character as it is compared: a space for what is not printed."""
    if unicodedata.category(character)[0] in "CZ":
        return " "
    if _FIRST_JAMO <= character <= _LAST_JAMO:  # NFKC would make ㄱ the beginning of a syllable to come
        return character
    wide = unicodedata.normalize("NFKC", character)
    if " " in wide:  # ´ would become a mark on a space
        return character
    plain = unicodedata.normalize("NFC", wide.casefold())
    return "".join(_simple(one) for one in plain)


def _simple(character: str) -> str:
    code = ord(character)
    if _FIRST_KATAKANA <= code <= _LAST_KATAKANA:
        return chr(code - _TO_HIRAGANA)
    if character.isspace():
        return " "
    return _OTHER_FORM.get(character, character)
