/** The stack kinds: which does the work of which. */
import type { StackDef } from "./types.ts";

export const stacks: readonly StackDef[] = [
  {
    kind: "l3",
    includes: ["l3"],
    flows: false,
    resizesPayload: false,
    built: true,
    doc: "Parses packets, keeps no flows",
  },
  {
    kind: "monitor",
    includes: ["l3", "monitor"],
    flows: true,
    redirectsAt: "FLOW_START",
    resizesPayload: false,
    built: true,
    doc: "Follows both ends of each flow and reassembles what they send, without ending connections",
  },
  {
    kind: "splicer",
    includes: ["l3", "monitor", "splicer"],
    flows: true,
    redirectsAt: "CONN_REQUEST",
    resizesPayload: false,
    built: false,
    doc: "Answers the client's handshake, holds its request until the server is chosen, then steps aside",
  },
  {
    kind: "endpoint",
    includes: ["l3", "monitor", "endpoint"],
    flows: true,
    resizesPayload: false,
    built: false,
    doc: "Ends connections at its own address",
  },
  {
    kind: "proxy",
    includes: ["l3", "monitor", "endpoint", "proxy"],
    flows: true,
    redirectsAt: "CONN_REQUEST",
    resizesPayload: true,
    built: false,
    doc: "An endpoint towards each side, with the network functions between them",
  },
];
