/**
 * The official drivers of version 0.9.0 and later with their client classes, so that an
 * official but unsupported type is not reported as a typo.
 *
 * @module
 */

/** Client class by driver class, by package; every name begins with `jumpstarter_driver_`. */
const FAMILIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  adb: {
    "driver.AdbServer": "adb.client.AdbClient",
  },
  androidemulator: {
    "driver.AndroidEmulator": "androidemulator.client.AndroidEmulatorClient",
    "driver.AndroidEmulatorPower": "power.client.PowerClient",
  },
  ble: {
    "driver.BleWriteNotifyStream": "ble.client.BleWriteNotifyStreamClient",
  },
  bt_peer: {
    "driver.BtPeer": "bt_peer.client.BtPeerClient",
  },
  can: {
    "driver.Can": "can.client.CanClient",
    "driver.IsoTpPython": "can.client.IsoTpClient",
    "driver.IsoTpSocket": "can.client.IsoTpClient",
  },
  composite: {
    "driver.Composite": "composite.client.CompositeClient",
  },
  corellium: {
    "driver.Corellium": "corellium.client.CorelliumClient",
    "driver.CorelliumPower": "power.client.VirtualPowerClient",
    "driver.CorelliumConsole": "pyserial.client.PySerialClient",
  },
  cuttlefish: {
    "driver.Cuttlefish": "cuttlefish.client.CuttlefishClient",
    "driver.CvdPower": "cuttlefish.client.CvdPowerClient",
    "driver.CvdFlasher": "opendal.client.FlasherClient",
  },
  doip: {
    "driver.DoIP": "doip.client.DoIPDriverClient",
  },
  dut_network: {
    "driver.DutNetwork": "dut_network.client.DutNetworkClient",
  },
  dutlink: {
    "driver.DutlinkPower": "power.client.PowerClient",
    "driver.DutlinkStorageMux": "opendal.client.StorageMuxFlasherClient",
    "driver.Dutlink": "composite.client.CompositeClient",
  },
  energenie: {
    "driver.EnerGenie": "power.client.PowerClient",
  },
  esp32: {
    "driver.Esp32Flasher": "esp32.client.Esp32FlasherClient",
  },
  flashers: {
    "driver.BaseFlasher": "flashers.client.BaseFlasherClient",
    "driver.TIJ784S4Flasher": "flashers.client.BaseFlasherClient",
    "driver.RCarS4Flasher": "flashers.client.BaseFlasherClient",
  },
  gpiod: {
    "driver.DigitalOutput": "gpiod.client.DigitalOutputClient",
    "driver.DigitalInput": "gpiod.client.DigitalInputClient",
    "driver.PowerSwitch": "power.client.PowerClient",
  },
  http: {
    "driver.HttpServer": "http.client.HttpServerClient",
  },
  http_power: {
    "driver.HttpPower": "power.client.PowerClient",
  },
  iscsi: {
    "driver.ISCSI": "iscsi.client.ISCSIServerClient",
  },
  mitmproxy: {
    "driver.MitmproxyDriver": "mitmproxy.client.MitmproxyClient",
  },
  network: {
    "driver.TcpNetwork": "network.client.NetworkClient",
    "driver.UdpNetwork": "network.client.NetworkClient",
    "driver.UnixNetwork": "network.client.NetworkClient",
    "driver.VsockNetwork": "network.client.NetworkClient",
    "driver.DbusNetwork": "network.client.DbusNetworkClient",
    "driver.EchoNetwork": "network.client.NetworkClient",
    "driver.WebsocketNetwork": "network.client.NetworkClient",
  },
  noyito_relay: {
    "driver.NoyitoPowerSerial": "noyito_relay.client.NoyitoPowerClient",
    "driver.NoyitoPowerHID": "noyito_relay.client.NoyitoPowerClient",
  },
  obd: {
    "driver.OBD": "obd.client.OBDClient",
  },
  opendal: {
    "driver.Opendal": "opendal.client.OpendalClient",
    "driver.MockFlasher": "opendal.client.FlasherClient",
    "driver.MockStorageMux": "opendal.client.StorageMuxClient",
    "driver.MockStorageMuxFlasher": "opendal.client.StorageMuxFlasherClient",
  },
  pi_pico: {
    "driver.PiPicoFlasher": "pi_pico.client.PiPicoClient",
  },
  power: {
    "driver.MockPower": "power.client.PowerClient",
    "driver.SyncMockPower": "power.client.PowerClient",
  },
  probe_rs: {
    "driver.ProbeRs": "probe_rs.client.ProbeRsClient",
  },
  pyserial: {
    "driver.PySerial": "pyserial.client.PySerialClient",
    "nvdemux.driver.NVDemuxSerial": "pyserial.client.PySerialClient",
  },
  qemu: {
    "driver.QemuFlasher": "qemu.client.QemuFlasherClient",
    "driver.QemuPower": "power.client.PowerClient",
    "driver.Qemu": "qemu.client.QemuClient",
  },
  renode: {
    "driver.RenodeFlasher": "opendal.client.FlasherClient",
    "driver.RenodePower": "power.client.PowerClient",
    "driver.Renode": "renode.client.RenodeClient",
  },
  ridesx: {
    "driver.RideSXDriver": "ridesx.client.RideSXClient",
    "driver.RideSXPowerDriver": "ridesx.client.RideSXPowerClient",
  },
  sdwire: {
    "driver.SDWire": "opendal.client.StorageMuxFlasherClient",
  },
  shell: {
    "driver.Shell": "shell.client.ShellClient",
  },
  snmp: {
    "driver.SNMPServer": "snmp.client.SNMPServerClient",
  },
  someip: {
    "driver.SomeIp": "someip.client.SomeIpDriverClient",
  },
  ssh: {
    "driver.SSHWrapper": "ssh.client.SSHWrapperClient",
  },
  ssh_mitm: {
    "driver.SSHMITM": "network.client.NetworkClient",
  },
  ssh_mount: {
    "driver.SSHMount": "ssh_mount.client.SSHMountClient",
  },
  stlink_msd: {
    "driver.StlinkMsdFlasher": "stlink_msd.client.StlinkMsdFlasherClient",
  },
  tasmota: {
    "driver.TasmotaPower": "power.client.PowerClient",
  },
  tftp: {
    "driver.Tftp": "tftp.client.TftpServerClient",
  },
  tmt: {
    "driver.TMT": "tmt.client.TMTClient",
  },
  uboot: {
    "driver.UbootConsole": "uboot.client.UbootConsoleClient",
  },
  uds_can: {
    "driver.UdsCan": "uds.client.UdsClient",
  },
  uds_doip: {
    "driver.UdsDoip": "uds.client.UdsClient",
  },
  ustreamer: {
    "driver.UStreamer": "ustreamer.client.UStreamerClient",
  },
  video: {
    "driver.HttpVideo": "video.client.VideoClient",
  },
  vnc: {
    "driver.Vnc": "vnc.client.VNClient",
  },
  xcp: {
    "driver.Xcp": "xcp.client.XcpClient",
  },
  yepkit: {
    "driver.Ykush": "power.client.PowerClient",
  },
};

/** The official drivers: client label by `type:`. */
export const OFFICIAL_TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries(FAMILIES).flatMap(([family, drivers]) =>
    Object.entries(drivers).map(([driver, client]): [string, string] => [
      `jumpstarter_driver_${family}.${driver}`,
      `jumpstarter_driver_${client}`,
    ])
  ),
);
