/**
 * HTTP for drivers; import it as `http`.
 *
 * ```ts
 * const options = { query: { id: 1 }, timeoutMs: 5_000, signal: call.signal };
 * const { voltage } = (await http.request("GET", url, options)).json(Status);
 * ```
 *
 * @module
 */
export { type HttpResponse, request, type RequestOptions } from "./request.ts";
export type { Query } from "./query.ts";
export { StatusError } from "./status.ts";
