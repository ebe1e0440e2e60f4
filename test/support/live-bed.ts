// A client and a server with a box between them that runs a chain:
//
//   client ── vc0 ═ cb0 ── box ── sb0 ═ vs0 ── server
//
// Nothing but the chain joins the two sides.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type End,
  inNamespace,
  joinNamespaces,
  makeNamespace,
  type Namespace,
  runIn,
  startIn,
} from "./netns.ts";
import { makeTempFolder } from "./temp.ts";

export const CLIENT_ADDRESS = "10.7.0.1";
export const SERVER_ADDRESS = "10.7.0.2";

export interface Bed {
  readonly client: Namespace;
  readonly box: Namespace;
  readonly server: Namespace;
  /** The box's ends: what the chain's ports are bound to. */
  readonly clientPort: End;
  readonly serverPort: End;
  /** Arguments of `mbx run` that bind the ports of samples/ids. */
  readonly bindings: readonly string[];
  /** What nginx serves, and where it puts what is uploaded. */
  readonly site: string;
  /** One line a request that reached nginx. */
  readonly accessLog: string;
  /** Cuts both hosts off, so that nothing is sent any more and counters stand still. */
  readonly silence: () => void;
}

export function makeBed(): Bed {
  const client = makeNamespace("client");
  const box = makeNamespace("box");
  const server = makeNamespace("server");
  const clientEnd: End = { namespace: client, device: "vc0", address: `${CLIENT_ADDRESS}/24` };
  const serverEnd: End = { namespace: server, device: "vs0", address: `${SERVER_ADDRESS}/24` };
  const clientPort: End = { namespace: box, device: "cb0" };
  const serverPort: End = { namespace: box, device: "sb0" };
  joinNamespaces(clientEnd, clientPort);
  joinNamespaces(serverEnd, serverPort);

  const folder = makeTempFolder("bed");
  const site = join(folder, "site");
  mkdirSync(site, { mode: 0o777 });
  return {
    client,
    box,
    server,
    clientPort,
    serverPort,
    bindings: [
      "--port",
      `client=net_af_packet0,iface=${clientPort.device}`,
      "--port",
      `server=net_af_packet1,iface=${serverPort.device}`,
    ],
    site,
    accessLog: join(folder, "access.log"),
    silence: () => {
      inNamespace(client, ["ip", "link", "set", "dev", clientEnd.device, "down"]);
      inNamespace(server, ["ip", "link", "set", "dev", serverEnd.device, "down"]);
    },
  };
}

/** Starts nginx on the server: GET and PUT below its root, on port 80. */
export async function startNginx(bed: Bed): Promise<void> {
  const folder = join(bed.site, "..");
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `daemon off;
worker_processes 1;
user root;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 64; }
http {
  access_log ${bed.accessLog};
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  client_max_body_size 64m;
  server {
    listen ${SERVER_ADDRESS}:80;
    root ${bed.site};
    dav_methods PUT;
    location = /item { return 200 "no such item\\n"; }
  }
}
`,
  );
  writeFileSync(join(bed.site, "ready"), "ready\n");
  startIn(bed.server, ["nginx", "-c", config, "-e", join(folder, "error.log")]);
  const deadline = Date.now() + 10_000;
  for (;;) {
    // From the server itself: the box does not forward yet.
    const asked = await runIn(bed.server, [
      "curl",
      "-sf",
      "--max-time",
      "1",
      `http://${SERVER_ADDRESS}/ready`,
    ]);
    if (asked.code === 0) return;
    if (Date.now() > deadline) throw new Error(`nginx does not answer (curl ended with ${asked.code})`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
