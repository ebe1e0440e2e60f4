/** What `mbx init` writes: a chain that compiles and runs as it stands. */
import { exampleCapture } from "./capture.ts";

export interface InitFile {
  /** Relative to the new folder. */
  readonly path: string;
  readonly bytes: string | Uint8Array;
}

/** Names that the new chain uses itself. */
export const takenNames: readonly string[] = ["web", "detect", "report"];

export function initFiles(name: string): readonly InitFile[] {
  return [
    { path: `${name}.mbx`, bytes: chain(name) },
    { path: "detect.c", bytes: DETECT },
    { path: "report.ts", bytes: REPORT },
    { path: "example.pcap", bytes: exampleCapture() },
    { path: "tsconfig.json", bytes: TSCONFIG },
    { path: ".gitignore", bytes: ".mbx/\n*.gen.h\n*.gen.ts\nnode_modules/\n" },
    { path: "README.md", bytes: readme(name) },
  ];
}

function chain(name: string): string {
  return `// ${name}.mbx: names the method of each HTTP request, and prints flows as they end

/// Raised once per flow, for the first bytes that its client sends.
event REQUEST extends FLOW_TCP {
  method: enum { get, post, other }
}

stack web = monitor {
  match tcp.port in { 80, 8080 }
}

nf detect {
  subscribe DATA_TCP where dir == client and stream.offset == 0
  publish   REQUEST
  handler   "detect.c"
}

nf report {
  subscribe REQUEST
  subscribe FLOW_END
  handler   "report.ts"
}

chain ${name} {
  stack web
  ports client <-> server
  path  detect -> report
}
`;
}

const DETECT = `#include <string.h>

#include "detect.gen.h"

/* The first bytes of a client are called with once per flow: where says so. */
void detect_on_data_tcp(struct detect_ctx *ctx, const struct data_tcp *m)
{
	struct request request = { .flow = m->flow, .method = REQUEST_METHOD_OTHER };

	if (m->len >= 4 && memcmp(m->data, "GET ", 4) == 0)
		request.method = REQUEST_METHOD_GET;
	else if (m->len >= 5 && memcmp(m->data, "POST ", 5) == 0)
		request.method = REQUEST_METHOD_POST;
	detect_publish_request(ctx, &request);
}
`;

const REPORT = `import { report } from "./report.gen.js";

export default report({
  request(_ctx, m) {
    console.log(\`flow \${m.flow.id}: a \${m.method} request\`);
  },
  flow_end(_ctx, m) {
    console.log(\`flow \${m.flow.id}: ended, \${m.reason}\`);
  },
});
`;

const TSCONFIG = `${JSON.stringify(
  {
    compilerOptions: {
      strict: true,
      target: "es2022",
      lib: ["es2023"],
      module: "esnext",
      moduleResolution: "bundler",
      types: ["node"],
      skipLibCheck: true,
      noEmit: true,
    },
    exclude: [".mbx", "node_modules"],
  },
  null,
  2,
)}\n`;

function readme(name: string): string {
  return `# ${name}

\`${name}.mbx\` is the chain, \`detect.c\` and \`report.ts\` handle its events.
\`mbx run ${name}.mbx --capture example.pcap\` builds it and runs it over a capture.
\`*.gen.*\` is generated: read it to see what a handler can do, and do not edit it.
Editors find Node's types after \`npm install --save-dev @types/node\`.
`;
}
