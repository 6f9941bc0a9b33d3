"""The words of the server's own pages in four languages; keys are those of the content model."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["CATEGORIES", "CHOICES", "LANGUAGES", "MEANS", "WORDS", "word"]

Word = Mapping[str, str]

LANGUAGES: Word = {"ko": "한국어", "en": "English", "ja": "日本語", "zh": "中文"}
"""Those in which a place has a page, each by its own name."""


def word(table: Mapping[str, Word], key: str, lang: str) -> str:
    """The word of a key; one that the table lacks stands for itself."""
    return table.get(key, {}).get(lang, key)


def _table(text: str) -> dict[str, Word]:
    """Lines of `key = Korean = English = Japanese = Chinese`."""
    rows = (line.split(" = ") for line in text.strip().splitlines())
    return {key.strip(): dict(zip(LANGUAGES, words, strict=True)) for key, *words in rows}


WORDS: Mapping[str, Word] = _table(
    """
    view = 3차원으로 보기 = See it in 3D = 3Dで見る = 以三维查看
    designation = 지정 = Designation = 指定 = 指定
    built = 건립 = Built = 建立 = 建立
    valid = 때 = Time = 時期 = 时期
    era = 시대 = Era = 時代 = 时代
    materials = 재료 = Materials = 材料 = 材料
    holder = 소유·관리 = Holder = 所有・管理 = 所有与管理
    museum = 있는 곳 = Kept in = 所蔵 = 收藏处
    hours = 여는 시간 = Hours = 開館時間 = 开放时间
    closed = 쉬는 날 = Closed = 休み = 休息日
    fee = 요금 = Fee = 料金 = 费用
    phone = 전화 = Telephone = 電話 = 电话
    accessibility = 접근성 = Accessibility = バリアフリー = 无障碍
    season = 좋은 때 = Season = 見頃 = 最佳季节
    minutes = 걸리는 시간 = Time it takes = 所要時間 = 所需时间
    climb = 오르는 높이 = Climb = 登り = 爬升
    length = 길이 = Length = 長さ = 长度
    height = 높이 = Height = 高さ = 高度
    width = 너비 = Width = 幅 = 宽度
    state = 상태 = State = 状態 = 状态
    lost_year = 없어진 해 = Lost in = 失われた年 = 消失年份
    masonry = 쌓은 방식 = Masonry = 石積み = 砌筑时期
    steps = 계단 수 = Steps = 階段数 = 台阶数
    slope = 기울기 = Slope = 勾配 = 坡度
    not_known = 알려지지 않음 = not known = 不明 = 不详
    then = 그때 = Then = かつて = 过去
    now = 지금 = Now = いま = 现在
    stops = 들르는 곳 = Stops = 立ち寄り先 = 站点
    facts = 사실 = Facts = 事実 = 事实
    stories = 이야기 = Stories = 物語 = 故事
    media = 그림과 소리 = Pictures and sounds = 画像と音声 = 图片与声音
    position = 위치 = Position = 位置 = 位置
    approximate = 대략의 위치 = approximate = おおよその位置 = 大致位置
    position_source = 위치 출처 = Source of the position = 位置の出典 = 位置来源
    source = 출처 = Source = 出典 = 来源
    qr = 이 쪽의 QR 코드 = QR code of this page = このページのQRコード = 本页二维码
    licence = 글 이용 조건 = Licence of the text = 文章の利用条件 = 文字许可
    """
)
CHOICES: Mapping[str, Word] = _table(
    """
    standing = 서 있음 = standing = 現存 = 现存
    restored = 복원 = restored = 復元 = 复原
    lost = 없어짐 = lost = 消失 = 已消失
    taejo = 태조 때 = of Taejo = 太祖の時代 = 太祖时期
    sejong = 세종 때 = of Sejong = 世宗の時代 = 世宗时期
    sukjong = 숙종 때 = of Sukjong = 粛宗の時代 = 肃宗时期
    sunjo = 순조 때 = of Sunjo = 純祖の時代 = 纯祖时期
    modern = 오늘날 = modern = 現代 = 现代
    mixed = 섞임 = mixed = 混在 = 混合
    """
)
MEANS: Mapping[str, Word] = _table(
    """
    gate_centre = 문의 중심 = centre of the gate = 門の中心 = 门的中心
    building_centre = 건물의 중심 = centre of the building = 建物の中心 = 建筑中心
    summit = 꼭대기 = summit = 頂上 = 山顶
    site_centre = 터의 중심 = centre of the site = 跡地の中心 = 遗址中心
    area_centre = 구역의 중심 = centre of the area = 区域の中心 = 区域中心
    entrance = 들어가는 곳 = entrance = 入口 = 入口
    marker = 표지가 선 곳 = where the marker stands = 標識の位置 = 标识所在
    line = 선 = line = 線 = 线
    """
)
CATEGORIES: Mapping[str, Word] = _table(
    """
    palace = 궁궐 = palace = 宮殿 = 宫殿
    palace_gate = 궁문 = palace gate = 宮門 = 宫门
    palace_hall = 전각 = palace hall = 殿閣 = 殿阁
    gate = 성문 = gate = 城門 = 城门
    shrine = 사당 = shrine = 祠堂 = 祠堂
    tomb = 능묘 = tomb = 陵墓 = 陵墓
    pagoda = 탑 = pagoda = 塔 = 塔
    monument = 기념물 = monument = 記念物 = 纪念物
    bridge = 다리 = bridge = 橋 = 桥
    beacon = 봉수대 = beacon = 烽火台 = 烽火台
    belfry = 종루 = belfry = 鐘楼 = 钟楼
    school = 학교 = school = 学校 = 学校
    residence = 집 = residence = 住宅 = 住宅
    prehistoric = 선사 유적 = prehistoric site = 先史遺跡 = 史前遗址
    temple = 절 = temple = 寺院 = 寺院
    tower = 탑루 = tower = タワー = 塔楼
    site = 터 = site = 跡地 = 遗址
    landmark = 명소 = landmark = 名所 = 名胜
    museum = 박물관 = museum = 博物館 = 博物馆
    market = 시장 = market = 市場 = 市场
    park = 공원 = park = 公園 = 公园
    square = 광장 = square = 広場 = 广场
    stream = 물길 = stream = 水辺 = 溪流
    viewpoint = 전망 좋은 곳 = viewpoint = 展望地 = 观景点
    course = 코스 = course = コース = 路线
    section = 성곽 구간 = wall section = 城郭区間 = 城墙区段
    segment = 성벽 부분 = wall segment = 城壁の一部 = 城墙段
    gate_site = 문 터 = site of a gate = 門跡 = 门址
    water_gate = 수문 = water gate = 水門 = 水门
    stamp = 도장 찍는 곳 = stamp point = スタンプ設置場所 = 盖章处
    summit = 봉우리 = summit = 峰 = 山峰
    area = 구역 = area = 区域 = 区域
    walk = 걷는 길 = walk = 散策路 = 步行路线
    alley = 골목 = alley = 路地 = 小巷
    alley_area = 골목 동네 = alley quarter = 路地の町 = 小巷街区
    """
)
