import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The server hands the viewer out of its own package folder; everything else is proxied to it in development.
export default defineConfig({
  base: "/",
  build: {
    outDir: here("../smap/server/viewer"),
    emptyOutDir: true,
    target: "es2023",
    // No inline scripts and no data: addresses: the page lives under a strict Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { index: here("index.html"), edit: here("edit.html") } },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/catalog.json", "/tiles", "/terrain", "/place", "/session", "/events"].map((path) => [
        path,
        process.env["SMAP_SERVER"] ?? "http://127.0.0.1:8000",
      ]),
    ),
  },
});
