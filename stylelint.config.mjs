// The outlet's style sheet must work on Chrome 30 (package.json, browserslist).
export default {
  // Other people's work, served as it came (src/konter/web/office/static/vendored.toml).
  ignoreFiles: ["src/konter/web/office/static/tabler.min.css"],
  // Staff and partners have the browsers of today.
  overrides: [{ files: ["src/konter/web/office/**/*.css"], rules: { "plugin/no-unsupported-browser-features": null, "declaration-no-important": null } }],
  plugins: ["stylelint-no-unsupported-browser-features"],
  rules: {
    "plugin/no-unsupported-browser-features": [
      true,
      {
        severity: "error",
        ignorePartialSupport: false,
        // css-appearance: "none" with its prefix, which Chrome 30 knows and a progress bar needs to have a colour.
        // The name means values such as "underline dotted red"; plain "underline" is CSS 1.
        ignore: ["css-appearance", "mdn-text-decoration-shorthand"],
      },
    ],
    "block-no-empty": true,
    "color-no-invalid-hex": true,
    "declaration-block-no-duplicate-properties": [true, { ignore: ["consecutive-duplicates-with-different-values"] }],
    "declaration-no-important": true,
    "no-duplicate-selectors": true,
    "property-no-unknown": true,
    "unit-no-unknown": true,
  },
};
