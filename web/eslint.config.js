import js from "@eslint/js";
import tseslint from "typescript-eslint";

// The rooms of the viewer. Each ban carries its reason.
const engineOnly = {
  group: ["three", "three/*", "3d-tiles-renderer", "3d-tiles-renderer/*"],
  message: "The 3D engine is known to src/engine only: ask for a function there.",
};
const noFetch = [
  { name: "fetch", message: "src/api is the only room that fetches: add a typed call there." },
  { name: "XMLHttpRequest", message: "src/api is the only room that fetches." },
];
const upward = (rooms, message) => ({ group: rooms.map((room) => `**/${room}/**`), message });

const room = (files, patterns) => ({ files, rules: { "no-restricted-imports": ["error", { patterns }] } });

export default tseslint.config(
  { ignores: ["node_modules/**"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}", "test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "no-restricted-globals": ["error", ...noFetch],
      "no-restricted-imports": ["error", { patterns: [engineOnly] }],
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 80 }],
      complexity: ["error", 12],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  { files: ["src/api/**"], rules: { "no-restricted-globals": "off" } },
  // A test of the engine asks it in its own words.
  { files: ["test/engine/**"], rules: { "no-restricted-imports": "off" } },
  room(["src/engine/**"], [upward(["ui", "layers", "api", "text"], "The engine draws what it is given.")]),
  room(["src/api/**"], [engineOnly, upward(["ui", "layers", "engine", "state"], "The wire knows no screen.")]),
  room(["src/state/**"], [engineOnly, upward(["ui", "layers", "engine", "api"], "State is plain data.")]),
  room(["src/text/**"], [engineOnly, upward(["ui", "layers", "engine", "api", "state"], "Words know nobody.")]),
  room(["src/layers/**"], [engineOnly, upward(["ui"], "A layer says what is there, not how the page looks.")]),
);
