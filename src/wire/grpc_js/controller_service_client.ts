/** The grpc-js client of ControllerService, typed by the generated definition. @module */
import {
  type CallOptions,
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  makeGenericClientConstructor,
  type Metadata,
  type ServiceDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { ControllerServiceService } from "../gen/jumpstarter/v1/jumpstarter.ts";
import "./http2_guard.ts";

/** A method that is asked once and answers once. */
export type UnaryMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: Partial<CallOptions>,
  callback: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** A method that is asked once and answers many times. */
type StreamingMethod<Request, Response> = (
  request: Request,
  metadata: Metadata,
) => ClientReadableStream<Response>;

/** What a generated definition says of a method. */
interface Definition<Request, Response> {
  readonly responseStream: boolean;
  readonly requestSerialize: (request: Request) => unknown;
  readonly responseDeserialize: (bytes: never) => Response;
}

/** The method that grpc-js makes of a definition. */
type MethodOf<Method> = Method extends Definition<infer Request, infer Response>
  ? Method["responseStream"] extends true ? StreamingMethod<Request, Response>
  : UnaryMethod<Request, Response>
  : never;

type Methods<Service> = { readonly [Name in keyof Service]: MethodOf<Service[Name]> };

/** @see proto/jumpstarter/v1/jumpstarter.proto */
export type ControllerServiceClient = Client & Methods<ControllerServiceService>;

/** @see proto/jumpstarter/v1/jumpstarter.proto */
export const ControllerServiceClient = makeGenericClientConstructor(
  ControllerServiceService as unknown as ServiceDefinition,
  "jumpstarter.v1.ControllerService",
) as unknown as new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<ClientOptions>,
) => ControllerServiceClient;
