/**
 * HTTP for drivers; import it as `http`.
 *
 * ```ts
 * await http.request("POST", url, { body: "on", timeoutMs: 5_000, signal: call.signal });
 * ```
 *
 * @module
 */
export { type HttpResponse, request, type RequestOptions } from "./request.ts";
