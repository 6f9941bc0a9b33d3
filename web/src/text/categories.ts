// The categories of the content's layers, and what the point of a place may mean.

import type { Lang } from "./words";

type Names = Record<string, Record<Lang, string>>;

export const CATEGORIES: Names = {
  palace: { ko: "궁궐", en: "Palace", ja: "宮殿", zh: "宫殿" },
  palace_gate: { ko: "궁문", en: "Palace gate", ja: "宮門", zh: "宫门" },
  palace_hall: { ko: "전각", en: "Palace hall", ja: "殿閣", zh: "殿阁" },
  gate: { ko: "성문", en: "Gate", ja: "城門", zh: "城门" },
  shrine: { ko: "사당·제단", en: "Shrine", ja: "祠堂", zh: "祠堂" },
  tomb: { ko: "능·묘", en: "Tomb", ja: "陵墓", zh: "陵墓" },
  pagoda: { ko: "탑", en: "Pagoda", ja: "塔", zh: "塔" },
  monument: { ko: "기념물", en: "Monument", ja: "記念物", zh: "纪念物" },
  bridge: { ko: "다리", en: "Bridge", ja: "橋", zh: "桥" },
  beacon: { ko: "봉수", en: "Beacon", ja: "烽火台", zh: "烽火台" },
  belfry: { ko: "종각", en: "Belfry", ja: "鐘楼", zh: "钟楼" },
  school: { ko: "학교", en: "School", ja: "学校", zh: "学校" },
  residence: { ko: "집", en: "Residence", ja: "住宅", zh: "住宅" },
  prehistoric: { ko: "선사 유적", en: "Prehistoric site", ja: "先史遺跡", zh: "史前遗址" },
  temple: { ko: "절", en: "Temple", ja: "寺院", zh: "寺院" },
  tower: { ko: "탑·타워", en: "Tower", ja: "タワー", zh: "塔楼" },
  site: { ko: "터", en: "Site", ja: "跡地", zh: "遗址" },
  landmark: { ko: "명소", en: "Landmark", ja: "名所", zh: "名胜" },
  museum: { ko: "박물관·미술관", en: "Museum", ja: "博物館", zh: "博物馆" },
  market: { ko: "시장", en: "Market", ja: "市場", zh: "市场" },
  park: { ko: "공원", en: "Park", ja: "公園", zh: "公园" },
  square: { ko: "광장", en: "Square", ja: "広場", zh: "广场" },
  stream: { ko: "물길", en: "Stream", ja: "水辺", zh: "溪流" },
  viewpoint: { ko: "전망", en: "Viewpoint", ja: "展望地", zh: "观景点" },
  course: { ko: "코스", en: "Course", ja: "コース", zh: "路线" },
  section: { ko: "성곽 구간", en: "Wall section", ja: "城郭区間", zh: "城墙区段" },
  segment: { ko: "성벽 부분", en: "Wall segment", ja: "城壁の一部", zh: "城墙段" },
  gate_site: { ko: "성문 터", en: "Site of a gate", ja: "門跡", zh: "门址" },
  water_gate: { ko: "수문", en: "Water gate", ja: "水門", zh: "水门" },
  stamp: { ko: "스탬프 자리", en: "Stamp point", ja: "スタンプ設置場所", zh: "盖章处" },
  summit: { ko: "봉우리", en: "Summit", ja: "峰", zh: "山峰" },
  area: { ko: "구역", en: "Area", ja: "区域", zh: "区域" },
  walk: { ko: "걷는 길", en: "Walk", ja: "散策路", zh: "步行路线" },
  alley: { ko: "골목", en: "Alley", ja: "路地", zh: "小巷" },
  alley_area: { ko: "골목 동네", en: "Alley quarter", ja: "路地の町", zh: "小巷街区" },
};

export const MEANS: Names = {
  gate_centre: { ko: "문 가운데", en: "centre of the gate", ja: "門の中心", zh: "门的中心" },
  building_centre: { ko: "건물 가운데", en: "centre of the building", ja: "建物の中心", zh: "建筑中心" },
  summit: { ko: "꼭대기", en: "summit", ja: "頂上", zh: "山顶" },
  site_centre: { ko: "터 가운데", en: "centre of the site", ja: "跡地の中心", zh: "遗址中心" },
  area_centre: { ko: "구역 가운데", en: "centre of the area", ja: "区域の中心", zh: "区域中心" },
  entrance: { ko: "들머리", en: "entrance", ja: "入口", zh: "入口" },
  marker: { ko: "표지", en: "marker", ja: "標識の位置", zh: "标识所在" },
  line: { ko: "선", en: "line", ja: "線", zh: "线" },
};

/** In what state a part of the wall is, and whose way of laying stones it shows. */
export const CHOICES: Names = {
  standing: { ko: "서 있음", en: "standing", ja: "現存", zh: "现存" },
  restored: { ko: "복원", en: "restored", ja: "復元", zh: "复原" },
  lost: { ko: "없어짐", en: "lost", ja: "消失", zh: "已消失" },
  taejo: { ko: "태조 때", en: "of Taejo", ja: "太祖の時代", zh: "太祖时期" },
  sejong: { ko: "세종 때", en: "of Sejong", ja: "世宗の時代", zh: "世宗时期" },
  sukjong: { ko: "숙종 때", en: "of Sukjong", ja: "粛宗の時代", zh: "肃宗时期" },
  sunjo: { ko: "순조 때", en: "of Sunjo", ja: "純祖の時代", zh: "纯祖时期" },
  modern: { ko: "오늘날", en: "modern", ja: "現代", zh: "现代" },
  mixed: { ko: "섞임", en: "mixed", ja: "混在", zh: "混合" },
};
