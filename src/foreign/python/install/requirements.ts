/** What pip has to install. @module */

/** A package that is needed. */
export interface Requirement {
  /** The name as pip knows it: `jumpstarter-driver-shell`. */
  readonly distribution: string;
  /** The only version that will do. @default any */
  readonly version?: string | undefined;
}

/** The packages that host drivers, whatever their types are. */
const BASE = ["jumpstarter", "jumpstarter-driver-composite"];

/** What decides on the requirements. */
export interface Needs {
  /** Packages of this project, which are released together, so have one version. */
  readonly official: Iterable<string>;
  readonly others: readonly Requirement[];
  /** The version of the official packages. */
  readonly version: string;
}

/** Lists the packages that are missing or of another version, those that others need first. */
export function missingRequirements(
  { official, others, version }: Needs,
  installed: ReadonlyMap<string, string>,
): Requirement[] {
  const present = [...installed.keys()].filter(isOfficialDriver);
  // The packages that are present must not keep the version that the others leave.
  const names = new Set([...BASE, ...[...official].map(normalized).sort(), ...present]);
  const wanted = [...[...names].map((distribution) => ({ distribution, version })), ...others];
  return wanted.filter(({ distribution, version }) => {
    const found = installed.get(normalized(distribution));
    return found === undefined || (version !== undefined && found !== version);
  });
}

function isOfficialDriver(name: string): boolean {
  return name.startsWith("jumpstarter-driver-");
}

/** The name of a package by which two spellings are compared (PEP 503). */
export function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}

/** `jumpstarter-driver-shell==0.9.0` */
export function specifier({ distribution, version }: Requirement): string {
  return version === undefined ? distribution : `${distribution}==${version}`;
}

/** Parses `acme-power` or `acme-power==1.2`. @returns undefined if it is neither */
export function parseRequirement(text: string): Requirement | undefined {
  const [, distribution, version] =
    /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:==([\w.!+-]+))?$/.exec(text) ?? [];
  return distribution === undefined ? undefined : { distribution, version };
}
