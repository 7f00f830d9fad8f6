/**
 * Tests in the official packages 0.9.0 that pass with the official exporter in a process of its
 * own. Most others replace parts of a driver in the process of the test.
 *
 * @module
 */

/** By package, each in its `driver_test.py`, without what all names begin with. */
export const TESTS: Readonly<Record<string, readonly string[]>> = {
  doip: ["doip_simulated_routing_activation"],
  energenie: ["drivers_energenie"],
  http: ["http_server", "opendal_tracking_methods"],
  http_power: ["drivers_http_power"],
  noyito_relay: ["hid_read_not_supported"],
  // A built-in driver of ours.
  opendal: [
    "flash_http_redirect_loop_raises",
    "flash_http_redirect_missing_location_raises",
  ],
  shell: ["cli_exit_codes", "cli_default_descriptions", "blocked_env_vars", "unknown_method"],
  ssh: ["ssh_command_with_default_username", "ssh_client_properties"],
  tftp: ["tftp_file_operations"],
  tmt: ["drivers_tmt_driver_exports"],
  uds_doip: ["uds_doip_simulated_read_dtc", "uds_doip_simulated_ecu_reset"],
  ustreamer: ["drivers_video_ustreamer"],
  vnc: ["vnc_client_is_composite"],
};
