/**
 * Codes of what can go wrong when a program starts and runs (MBX7xxx): the one
 * table that the addon's C, this folder and the registry share. A code is never
 * used again for something else.
 */
export const runCodes = {
  // Devices, memory, the machine: 70xx.
  noSuchDevice: "MBX7001",
  noPermission: "MBX7002",
  noMemory: "MBX7003",
  badDeviceString: "MBX7004",
  unknownDriver: "MBX7005",
  deviceFailed: "MBX7006",
  ealFailed: "MBX7007",
  hugepagesFailed: "MBX7008",
  dataplaneFailed: "MBX7009",
  drainTimedOut: "MBX7010",
  deviceGone: "MBX7011",
  deviceDown: "MBX7012",
  deviceBack: "MBX7013",
  framesTooLong: "MBX7014",
  moreLcoresThanCpus: "MBX7015",
  placedElsewhere: "MBX7016",
  bufferFull: "MBX7017",
  notSharedByDevice: "MBX7018",

  // Captures: 71xx.
  captureMissing: "MBX7101",
  notACapture: "MBX7102",
  captureCutOff: "MBX7103",
  linkTypeUnsupported: "MBX7104",
  captureUnreadable: "MBX7105",
  outUnwritable: "MBX7106",
  outFailed: "MBX7107",

  // Ports of the chain: 72xx.
  portNotBound: "MBX7201",
  portBoundTwice: "MBX7202",
  portUnknown: "MBX7203",
  nothingToRunOn: "MBX7204",
  captureAndPorts: "MBX7205",

  // Handlers: 73xx.
  handlerThrew: "MBX7301",
  workerDied: "MBX7302",
  handlerMismatch: "MBX7303",
  handlerNotLoaded: "MBX7304",
  handlerBusy: "MBX7305",
  eventsLost: "MBX7306",
  promiseRejected: "MBX7307",
  noSuchCore: "MBX7308",
  crashed: "MBX7309",
  outputFailed: "MBX7310",
  handlerNotPrepared: "MBX7311",

  // The built program itself: 74xx.
  programIncomplete: "MBX7401",
  programMismatch: "MBX7402",
} as const;

export type RunCode = (typeof runCodes)[keyof typeof runCodes];

/** Codes that the addon raises. */
export type DataplaneCode = (typeof runCodes)[
  | "noSuchDevice"
  | "noPermission"
  | "noMemory"
  | "badDeviceString"
  | "unknownDriver"
  | "deviceFailed"
  | "ealFailed"
  | "hugepagesFailed"
  | "dataplaneFailed"
  | "drainTimedOut"
  | "deviceGone"
  | "deviceDown"
  | "deviceBack"
  | "framesTooLong"
  | "handlerNotPrepared"
  | "moreLcoresThanCpus"
  | "notSharedByDevice"
  | "captureMissing"
  | "notACapture"
  | "captureCutOff"
  | "linkTypeUnsupported"
  | "captureUnreadable"
  | "outUnwritable"
  | "outFailed"
  | "portNotBound"
  | "portBoundTwice"
  | "portUnknown"
  | "nothingToRunOn"
  | "captureAndPorts"
  | "handlerBusy"];

const known: ReadonlySet<string> = new Set(Object.values(runCodes));

export function isRunCode(text: unknown): text is RunCode {
  return typeof text === "string" && known.has(text);
}
