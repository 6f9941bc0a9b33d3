// Loads the published city into CesiumJS: `?server=` is our server, `?at=lon,lat,height,heading,pitch` the camera.
const query = new URLSearchParams(location.search);
const server = query.get("server");
const [lon, lat, height, heading, pitch] = query.get("at").split(",").map(Number);

async function open() {
  const catalog = await (await fetch(`${server}/catalog.json`)).json();
  const of = (kind) => catalog.tilesets.find((tileset) => tileset.kind === kind);
  const viewer = new Cesium.Viewer("city", {
    baseLayer: false,
    animation: false,
    timeline: false,
    geocoder: false,
    baseLayerPicker: false,
    homeButton: false,
    sceneModePicker: false,
    navigationHelpButton: false,
    infoBox: false,
    selectionIndicator: false,
    fullscreenButton: false,
    skyBox: false,
  });
  const terrain = of("terrain");
  if (terrain) {
    const url = new URL(terrain.url, server).href.replace(/layer\.json$/, "");
    viewer.terrainProvider = await Cesium.CesiumTerrainProvider.fromUrl(url, { requestVertexNormals: true });
  }
  const map = of("basemap");
  if (map) viewer.imageryLayers.addImageryProvider(await imagery(new URL(map.url, server)));
  const buildings = of("buildings");
  const tileset = buildings
    ? await Cesium.Cesium3DTileset.fromUrl(new URL(buildings.url, server).href, { maximumScreenSpaceError: 8 })
    : null;
  if (tileset) viewer.scene.primitives.add(tileset);
  viewer.camera.setView({
    destination: Cesium.Cartesian3.fromDegrees(lon, lat, height),
    orientation: { heading: Cesium.Math.toRadians(heading), pitch: Cesium.Math.toRadians(pitch), roll: 0 },
  });
  let still = 0;
  viewer.scene.postRender.addEventListener(() => {
    still = (tileset?.tilesLoaded ?? true) && viewer.scene.globe.tilesLoaded ? still + 1 : 0;
    if (still > 10) document.documentElement.dataset.ready = "1";
  });
  window.pick = (x, y) => {
    const feature = viewer.scene.pick(new Cesium.Cartesian2(x, y));
    if (!(feature instanceof Cesium.Cesium3DTileFeature)) return null;
    const ids = feature.getPropertyIds();
    return Object.fromEntries(ids.map((id) => [id, String(feature.getProperty(id))]));
  };
}

/** A base map by its tile.json, as any client of TileJSON takes it. */
async function imagery(address) {
  const { tiles, minzoom, maxzoom, bounds } = await (await fetch(address)).json();
  const folder = address.href.slice(0, address.href.lastIndexOf("/") + 1);
  return new Cesium.UrlTemplateImageryProvider({
    url: folder + tiles[0],
    rectangle: Cesium.Rectangle.fromDegrees(...bounds),
    minimumLevel: minzoom,
    maximumLevel: maxzoom,
  });
}

open().catch((error) => console.error(error.stack ?? String(error)));
