// The outlet's script must run as it is written on Chrome 30: ES5 syntax, and no browser API it does not have.
import js from "@eslint/js";
import compat from "eslint-plugin-compat";

const names = (list) => Object.fromEntries(list.map((name) => [name, "readonly"]));

// Methods that the compat plugin cannot tell by their object.
const TOO_NEW = ["fetch", "clipboard", "closest", "matches", "append", "prepend", "replaceWith", "includes", "startsWith", "endsWith", "repeat", "padStart", "assign", "entries", "values", "from", "of", "find", "findIndex", "fill", "toggleAttribute", "requestSubmit"];

export default [
  // Other people's work, served as it came (src/konter/web/office/static/vendored.toml).
  { ignores: ["src/konter/web/office/static/htmx.min.js"] },
  js.configs.recommended,
  compat.configs["flat/recommended"],
  {
    files: ["src/konter/web/**/*.js"],
    languageOptions: {
      ecmaVersion: 5,
      sourceType: "script",
      globals: names(["window", "document", "navigator", "location", "history", "self", "setTimeout"]),
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "compat/compat": "error",
      "no-unused-vars": ["error", { caughtErrors: "none" }],
      eqeqeq: "error",
      strict: ["error", "function"],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-restricted-globals": ["error", "Promise", "fetch", "Symbol", "Map", "Set", "Proxy", "Reflect", "WeakMap", "URL", "URLSearchParams"],
      "no-restricted-properties": [
        "error",
        ...TOO_NEW.map((property) => ({ property, message: "Chrome 30 has no such method." })),
        { property: "innerHTML", message: "Pages are made on the server; a script only changes texts." },
      ],
    },
  },
];
