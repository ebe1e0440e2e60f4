import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  joinNamespaces,
  makeNamespace,
  readCounters,
  removeNamespace,
  runIn,
  whyNoNamespaces,
} from "../support/netns.ts";
import { namespacesOf } from "../support/netns-sweep.ts";
import { testUnless } from "../support/skip.ts";

const reason = whyNoNamespaces();

testUnless(test, reason, "two namespaces reach each other and count what they sent", async () => {
  const [left, right] = [makeNamespace("left"), makeNamespace("right")];
  const a = { namespace: left, device: "a0", address: "10.9.0.1/24" };
  const b = { namespace: right, device: "b0", address: "10.9.0.2/24" };
  joinNamespaces(a, b);
  const before = readCounters(a);
  const url = "http://10.9.0.2:9/";
  // Nobody listens: the connection is refused, which took a packet each way.
  assert.is((await runIn(left, ["curl", "-s", "--max-time", "5", url])).code, 7);
  assert.ok(readCounters(a).tx.packets > before.tx.packets);
  assert.is(readCounters(a).tx.packets, readCounters(b).rx.packets);
  removeNamespace(left);
  removeNamespace(right);
});

testUnless(test, reason, "namespaces are gone after their owner was killed", async () => {
  const support = fileURLToPath(new URL("../support/netns.ts", import.meta.url));
  const script = `import { makeNamespace, startIn } from ${JSON.stringify(support)};
    startIn(makeNamespace("doomed"), ["sleep", "1000"]);
    process.kill(process.pid, "SIGKILL");`;
  const killed = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
  assert.is(killed.signal, "SIGKILL", String(killed.stderr));
  const deadline = Date.now() + 5000;
  while (namespacesOf(killed.pid).length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal(namespacesOf(killed.pid), []);
});

test.run();
