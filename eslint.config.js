// What eslint holds static_site/, infra/local/pages/ and tests/js/ to. Types are tsc's matter (tsconfig.json).
import js from "@eslint/js";
import globals from "globals";

export default [
  { files: ["static_site/**/*.js", "infra/local/pages/*.js"], languageOptions: { globals: globals.browser } },
  {
    files: ["static_site/portal/sw.js"],
    languageOptions: { sourceType: "script", globals: { ...globals.serviceworker, PRECACHE: "readonly" } },
  },
  { files: ["tests/js/**/*.js", "eslint.config.js"], languageOptions: { globals: globals.nodeBuiltin } },
  {
    files: ["static_site/**/*.js", "infra/local/pages/*.js", "tests/js/**/*.js", "eslint.config.js"],
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      ...js.configs.recommended.rules,
      // Texts stay whole, as in Python: a line that is nothing but one.
      "max-len": ["error", { code: 140, ignorePattern: "^\\s*(\\w+: )?\"[^\"]*\",?$" }],
      // Types are comments and no code.
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      curly: ["error", "multi-line"],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Elements are built, not written: see h() in shared/page.js." },
        { property: "outerHTML", message: "Elements are built, not written: see h() in shared/page.js." },
        { property: "insertAdjacentHTML", message: "Elements are built, not written: see h() in shared/page.js." },
      ],
    },
  },
];
