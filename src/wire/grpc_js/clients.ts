/**
 * Clients of the interface's services, made of what is generated. In a file of their own,
 * because they load grpc-js, which who serves has no need of.
 *
 * @module
 */
import {
  type ChannelCredentials,
  type ClientOptions,
  makeGenericClientConstructor,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import * as client from "../gen/jumpstarter/client/v1/client.ts";
import * as jumpstarter from "../gen/jumpstarter/v1/jumpstarter.ts";
import * as router from "../gen/jumpstarter/v1/router.ts";
import "./http2_guard.ts";

type Constructor<Client> = new (
  address: string,
  credentials: ChannelCredentials,
  options?: Partial<ClientOptions>,
) => Client;

function clientOf<Client>(service: object, name: string): Constructor<Client> {
  const made = makeGenericClientConstructor(service as ServiceDefinition, name);
  return made as unknown as Constructor<Client>;
}

/** @see proto/jumpstarter/v1/jumpstarter.proto */
export type ControllerServiceClient = jumpstarter.ControllerServiceClient;
/** @see proto/jumpstarter/v1/jumpstarter.proto */
export const ControllerServiceClient = clientOf<ControllerServiceClient>(
  jumpstarter.ControllerServiceService,
  "jumpstarter.v1.ControllerService",
);

/** @see proto/jumpstarter/v1/jumpstarter.proto */
export type ExporterServiceClient = jumpstarter.ExporterServiceClient;
/** @see proto/jumpstarter/v1/jumpstarter.proto */
export const ExporterServiceClient = clientOf<ExporterServiceClient>(
  jumpstarter.ExporterServiceService,
  "jumpstarter.v1.ExporterService",
);

/** @see proto/jumpstarter/v1/router.proto */
export type RouterServiceClient = router.RouterServiceClient;
/** @see proto/jumpstarter/v1/router.proto */
export const RouterServiceClient = clientOf<RouterServiceClient>(
  router.RouterServiceService,
  "jumpstarter.v1.RouterService",
);

/** @see proto/jumpstarter/client/v1/client.proto */
export type ClientServiceClient = client.ClientServiceClient;
/** @see proto/jumpstarter/client/v1/client.proto */
export const ClientServiceClient = clientOf<ClientServiceClient>(
  client.ClientServiceService,
  "jumpstarter.client.v1.ClientService",
);
