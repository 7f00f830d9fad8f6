/** The wire format of an interface, as a flat table that can be compared. @module */

/** The parts of a FileDescriptorSet in protobuf's JSON that matter on the wire. */
export interface FileSet {
  readonly file: readonly File[];
}

interface File {
  readonly package: string;
  readonly messageType?: readonly Message[];
  readonly enumType?: readonly Enum[];
  readonly service?: readonly Service[];
}

interface Message {
  readonly name: string;
  readonly field?: readonly Field[];
  readonly nestedType?: readonly Message[];
  readonly enumType?: readonly Enum[];
}

interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: string;
  readonly label: string;
  readonly typeName?: string;
  readonly proto3Optional?: boolean;
}

interface Enum {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number?: number }[];
}

interface Service {
  readonly name: string;
  readonly method?: readonly Method[];
}

interface Method {
  readonly name: string;
  readonly inputType: string;
  readonly outputType: string;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
}

/** The paths of fields, enum values and methods, with everything that peers must agree on. */
export type Interface = ReadonlyMap<string, unknown>;

/** The table of everything in packages named `jumpstarter…`. */
export function flatten({ file }: FileSet): Interface {
  const ours = file.filter((one) => one.package.startsWith("jumpstarter."));
  return new Map(ours.flatMap((one) => [
    ...(one.messageType ?? []).flatMap((message) => fields(one.package, message)),
    ...(one.enumType ?? []).flatMap((type) => values(one.package, type)),
    ...(one.service ?? []).flatMap((service) => methods(one.package, service)),
  ]));
}

type Entry = readonly [string, unknown];

function fields(scope: string, message: Message): Entry[] {
  const path = `${scope}.${message.name}`;
  return [
    ...(message.field ?? []).map((field): Entry => [`${path}.${field.name}`, {
      number: field.number,
      type: field.type,
      label: field.label,
      typeName: field.typeName,
      presence: field.proto3Optional ?? false,
    }]),
    ...(message.nestedType ?? []).flatMap((nested) => fields(path, nested)),
    ...(message.enumType ?? []).flatMap((type) => values(path, type)),
  ];
}

function values(scope: string, { name, value }: Enum): Entry[] {
  return value.map((one): Entry => [`${scope}.${name}.${one.name}`, one.number ?? 0]);
}

function methods(scope: string, { name, method = [] }: Service): Entry[] {
  return method.map((one): Entry => [`/${scope}.${name}/${one.name}`, {
    request: one.inputType,
    response: one.outputType,
    clientStreaming: one.clientStreaming ?? false,
    serverStreaming: one.serverStreaming ?? false,
  }]);
}
