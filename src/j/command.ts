/**
 * Commands that read arguments, report mistakes, and print help as those of the official client do,
 * which are made with click.
 *
 * @module
 */
import { type Argument, Command, Option, type ParseOptionsResult } from "commander";
import { nearest } from "../text/nearest.ts";
import { formatHelp } from "./help.ts";
import { BadValue } from "./values.ts";

/** A mistake in the arguments: printed with the usage of its command. */
export class UsageError extends Error {
  override name = "UsageError";

  constructor(readonly command: JCommand, message: string) {
    super(message);
  }
}

/**
 * A command. The methods below the constructor are those by which commander reports mistakes.
 *
 * Help is printed by `print`, which is standard output, or standard error where help stands for a
 * missing command.
 */
export class JCommand extends Command {
  /** The words that are being parsed. */
  #words: readonly string[] = [];
  #takesUnknownOptions = false;

  constructor(name?: string) {
    super(name);
    this.helpOption("--help", "Show this help");
    this.helpCommand(false);
    this.enablePositionalOptions();
    this.allowExcessArguments(false);
    this.exitOverride();
  }

  override createCommand(name?: string): JCommand {
    return new JCommand(name);
  }

  /**
   * Adds a command, whose name may contain blanks.
   *
   * @param options.json whether it takes `--json` as the root does
   */
  subcommand(name: string, { json = true }: { readonly json?: boolean } = {}): JCommand {
    const inner = this.createCommand(name).copyInheritedSettings(this) as JCommand;
    if (json) inner.addOption(new Option("--json", "Print results as JSON").hideHelp());
    inner.on("option:json", () => inner.#root.setOptionValue("json", true));
    this.addCommand(inner);
    return inner;
  }

  /** Lists `--json` in the help. */
  showJson(): this {
    this.options.find(({ long }) => long === "--json")?.hideHelp(false);
    return this;
  }

  /** Whether there is a command of this name. */
  has(name: string): boolean {
    return this.commands.some((inner) => inner.name() === name || inner.aliases().includes(name));
  }

  /** `j sd flash` */
  get path(): string {
    return this.#names.join(" ");
  }

  /** The names of the drivers on the way to this command; a name may contain blanks. */
  get driverNames(): readonly string[] {
    return this.#names.slice(1);
  }

  /** `board.sd`: the path of a driver for `j call` and `j stream`. */
  get driverPath(): string {
    return this.driverNames.join(".");
  }

  get #names(): readonly string[] {
    const { parent } = this;
    return [...parent instanceof JCommand ? parent.#names : [], this.name()];
  }

  override allowUnknownOption(allow = true): this {
    this.#takesUnknownOptions = allow;
    return this;
  }

  /** As click does, takes an unknown option as an argument, and known ones after it as options. */
  override parseOptions(words: string[]): ParseOptionsResult {
    this.#words = words;
    const { operands, unknown } = super.parseOptions(words);
    const [first, ...others] = unknown;
    if (!this.#takesUnknownOptions || first === undefined) return { operands, unknown };
    const rest = this.parseOptions(others);
    return { operands: [...operands, first, ...rest.operands], unknown: rest.unknown };
  }

  get #root(): Command {
    const { parent } = this;
    return parent instanceof JCommand ? parent.#root : this;
  }

  override helpInformation(): string {
    return formatHelp(this);
  }

  protected unknownOption(flag: string): never {
    const [name = flag] = flag.split("=");
    const known = this.options.flatMap(({ long }) => long ?? []);
    throw new UsageError(this, `No such option '${name}'.${suggestion(name, known)}`);
  }

  protected unknownCommand(): never {
    const [name = ""] = this.args;
    const known = this.commands.map((command) => command.name());
    throw new UsageError(this, `No such command '${name}'.${suggestion(name, known)}`);
  }

  protected missingArgument(name: string): never {
    throw new UsageError(this, `Missing argument '${name.toUpperCase()}'.`);
  }

  protected optionMissingArgument({ long, short }: Option): never {
    // The last word is the option, by the one of its names that was used.
    const name = this.#words.at(-1) === short ? short : long;
    throw new UsageError(this, `Option '${name}' requires an argument.`);
  }

  protected missingMandatoryOptionValue({ long }: Option): never {
    throw new UsageError(this, `Missing option '${long}'.`);
  }

  protected _excessArguments(found: readonly string[]): never {
    const extra = found.slice(this.registeredArguments.length);
    const plural = extra.length === 1 ? "" : "s";
    throw new UsageError(this, `Got unexpected extra argument${plural} (${extra.join(" ")})`);
  }

  protected _callParseArg(target: Option | Argument, value: string, previous: unknown): unknown {
    try {
      return target.parseArg!(value, previous);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      throw new UsageError(this, `Invalid value for ${nameOf(target)}: ${error.message}`);
    }
  }
}

function suggestion(name: string, known: readonly string[]): string {
  const found = nearest(name, known);
  return found === undefined ? "" : ` Did you mean '${found}'?`;
}

/** `'--wait' / '-w'` or `'PORT'` */
function nameOf(target: Option | Argument): string {
  if (!("long" in target)) return `'${target.name().toUpperCase()}'`;
  return [target.long, target.short].flatMap((name) => name ? [`'${name}'`] : []).join(" / ");
}

/** An option by itself, although its name begins with `--no-`: commander would switch another off. */
export function plainFlag(flags: string, text: string): Option {
  const option = new Option(flags, text);
  option.negate = false;
  return option;
}
