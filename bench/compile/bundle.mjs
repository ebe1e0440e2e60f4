// node bundle.mjs FOLDER: phases.ts as a bundle in FOLDER, made as the compiler's own is:
// loaded one by one, sources would be measured with what their loader adds to them.
import { fileURLToPath } from "node:url";
import { bundleSources } from "../../bin/compiled.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
await bundleSources(root, "bench/compile/phases.ts", process.argv[2] ?? root);
