/** Names and numbers of users and groups, as /etc/passwd and /etc/group list them. @module */

/** The name of a user, or its number if /etc/passwd does not list it. */
export async function userName(uid: number): Promise<string> {
  return await nameOf("/etc/passwd", uid);
}

/** The name of a group, or its number if /etc/group does not list it. */
export async function groupName(gid: number): Promise<string> {
  return await nameOf("/etc/group", gid);
}

/** The number of a group; undefined if /etc/group does not list it. */
export async function groupNumber(name: string): Promise<number | undefined> {
  const found = (await entriesOf("/etc/group")).find((fields) => fields[0] === name);
  return found && Number(found[2]);
}

async function nameOf(file: string, id: number): Promise<string> {
  return (await entriesOf(file)).find((fields) => fields[2] === String(id))?.[0] ?? String(id);
}

/** Both files have the name first and the number third: passwd(5), group(5). */
async function entriesOf(file: string): Promise<string[][]> {
  const text = await Deno.readTextFile(file).catch(() => "");
  return text.split("\n").map((line) => line.split(":"));
}
