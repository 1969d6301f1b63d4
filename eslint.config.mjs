// The outlet's script must run as it is written on Chrome 30: ES5 syntax, and no browser API it does not have.
import js from "@eslint/js";
import compat from "eslint-plugin-compat";

const names = (list) => Object.fromEntries(list.map((name) => [name, "readonly"]));

export default [
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
        { property: "innerHTML", message: "Pages are made on the server; a script only changes texts." },
      ],
    },
  },
];
