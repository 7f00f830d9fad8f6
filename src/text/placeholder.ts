/** Placeholders of templates in texts that should hold a value. @module */

const FORMS: readonly [form: string, pattern: RegExp][] = [
  ["{{ … }}", /\{\{.*(?:\}\}|$)/],
  ["{% … %}", /\{%.*%\}/],
  ["<% … %>", /<%.*%>/],
  ["$( … )", /\$\([\w. -]+\)/],
  ["${ … }", /\$\{[^{}]+\}/],
  ["$NAME", /^\$[A-Za-z_]\w*$/],
  ["< … >", /<[A-Za-z][\w .-]*>/],
  ["%NAME%", /%[A-Z][A-Z0-9_]*%/],
  ["@NAME@", /@[A-Z][A-Z0-9_]*@/],
  ["__NAME__", /^__[A-Z][A-Z0-9_]*__$/],
  ["CHANGEME", /^change[_-]?(?:me|it)(?:[_-]|$)/i],
  ["REPLACE_ME", /^replace[_-]?(?:me|this|with)(?:[_-]|$)/i],
  ["TODO", /^(?:todo|fixme|tbd|placeholder)$/i],
  ["your-…", /^your[_-][^.]*$/i],
  ["…", /^(?:\.{3}|…)$/],
];

/** Characters of a text that are looked at: the patterns take quadratic time. */
const MOST_READ = 500;

/** The form of the placeholder in `text`, which may be followed by a port: `{{ … }}`. */
export function placeholderForm(text: string): string | undefined {
  const value = text.slice(0, MOST_READ).trim().replace(/:\d+$/, "");
  return FORMS.find(([, pattern]) => pattern.test(value))?.[0];
}

/**
 * The message about a placeholder in `text` where `expected` should be, without the text itself,
 * which may be a secret; undefined if there is none.
 */
export function placeholderProblem(text: string, expected: string): string | undefined {
  const form = placeholderForm(text);
  return form === undefined
    ? undefined
    : `expected ${expected}, found a placeholder (${form}) that was not filled in; ` +
      "fill in the template, or write the value";
}
