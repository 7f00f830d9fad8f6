/** How files of other programs begin, which are no YAML, or no map. @module */

interface ForeignText {
  readonly pattern: RegExp;
  readonly what: string;
  /** @default give an exporter config */
  readonly advice?: string;
}

/** A word at the beginning of a line. */
const line = (pattern: string) =>
  new RegExp(String.raw`^(?:[ \t\r]*(?:#.*)?\n)*[ \t]*(?:${pattern})`, "i");

/** The kinds of texts, the more particular first. */
export const TEXTS: readonly ForeignText[] = [
  {
    pattern: line("-----BEGIN [A-Z ]*PRIVATE KEY"),
    what: "a private key (PEM)",
  },
  {
    pattern: line("-----BEGIN [A-Z ]+"),
    what: "a certificate (PEM)",
    advice: "its place is tls.ca of a config, as the output of: base64 -w0 FILE",
  },
  {
    pattern: line(String.raw`ey[\w-]+\.ey[\w-]+\.[\w-]+\s*$`),
    what: "a token",
    advice: "its place is 'token:' of a config, or the file that 'tokenFile:' names",
  },
  { pattern: /^#!/, what: "a script" },
  { pattern: line("<(?:!doctype|html|\\?xml)"), what: "a page in HTML or XML" },
  {
    pattern: line(String.raw`(?:console|config|default|access|break|group)\s+\S+\s*\{`),
    what: "a config of conserver",
  },
  {
    pattern: line(String.raw`\d+:(?:telnet|raw|rawlp|off):`),
    what: "a config of ser2net (before version 4)",
  },
  {
    pattern: line(String.raw`(?:SUBSYSTEMS?|KERNELS?|ACTION|ATTRS?\{\w+\}|ENV\{\w+\})\s*==`),
    what: "rules of udev",
  },
  {
    pattern: line(String.raw`\[(?:Unit|Service|Container|Install|Socket)\]`),
    what: "a unit of systemd",
    advice: "give the file that its ExecStart names",
  },
  { pattern: line(String.raw`\[[\w.-]+\]\s*\n`), what: "an INI or TOML file" },
  {
    pattern: line(String.raw`(?:export\s+)?[A-Z][A-Z0-9_]*=`),
    what: "a file of environment variables",
  },
  { pattern: line(String.raw`-\s+(?:hosts|name):`), what: "a playbook of Ansible" },
  { pattern: /^`|^# .*\n[\s\S]*```/, what: "a document in Markdown" },
  { pattern: line(String.raw`(?:from|import)\s+\w+`), what: "a Python program" },
];
