// The categories of the content's layers, and what the point of a place may mean.

type Names = Record<string, { ko: string; en: string }>;

export const CATEGORIES: Names = {
  palace: { ko: "궁궐", en: "Palace" },
  palace_gate: { ko: "궁문", en: "Palace gate" },
  palace_hall: { ko: "전각", en: "Palace hall" },
  gate: { ko: "성문", en: "Gate" },
  shrine: { ko: "사당·제단", en: "Shrine" },
  tomb: { ko: "능·묘", en: "Tomb" },
  pagoda: { ko: "탑", en: "Pagoda" },
  monument: { ko: "기념물", en: "Monument" },
  bridge: { ko: "다리", en: "Bridge" },
  beacon: { ko: "봉수", en: "Beacon" },
  belfry: { ko: "종각", en: "Belfry" },
  school: { ko: "학교", en: "School" },
  residence: { ko: "집", en: "Residence" },
  prehistoric: { ko: "선사 유적", en: "Prehistoric site" },
  temple: { ko: "절", en: "Temple" },
  tower: { ko: "탑·타워", en: "Tower" },
  site: { ko: "터", en: "Site" },
  landmark: { ko: "명소", en: "Landmark" },
  museum: { ko: "박물관·미술관", en: "Museum" },
  market: { ko: "시장", en: "Market" },
  park: { ko: "공원", en: "Park" },
  square: { ko: "광장", en: "Square" },
  stream: { ko: "물길", en: "Stream" },
  viewpoint: { ko: "전망", en: "Viewpoint" },
  section: { ko: "성곽 구간", en: "Wall section" },
  gate_site: { ko: "성문 터", en: "Site of a gate" },
  water_gate: { ko: "수문", en: "Water gate" },
  stamp: { ko: "스탬프 자리", en: "Stamp point" },
  summit: { ko: "봉우리", en: "Summit" },
  area: { ko: "구역", en: "Area" },
  alley: { ko: "골목", en: "Alley" },
  alley_area: { ko: "골목 동네", en: "Alley quarter" },
};

export const MEANS: Names = {
  gate_centre: { ko: "문 가운데", en: "centre of the gate" },
  building_centre: { ko: "건물 가운데", en: "centre of the building" },
  summit: { ko: "꼭대기", en: "summit" },
  site_centre: { ko: "터 가운데", en: "centre of the site" },
  area_centre: { ko: "구역 가운데", en: "centre of the area" },
  entrance: { ko: "들머리", en: "entrance" },
  marker: { ko: "표지", en: "marker" },
  line: { ko: "선", en: "line" },
};

/** The words that each layer of places allows as a category. */
export const LAYER_CATEGORIES: Record<string, string[]> = {
  heritage: ["palace", "palace_gate", "palace_hall", "gate", "shrine", "tomb", "pagoda", "monument", "bridge", "beacon",
    "belfry", "school", "residence", "prehistoric", "temple", "tower", "site"],
  tourism: ["landmark", "museum", "market", "park", "square", "stream", "temple", "viewpoint"],
  wall: ["gate", "gate_site", "water_gate", "stamp", "summit", "area"],
  alleys: ["alley_area"],
};
