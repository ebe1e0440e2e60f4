// node start.mjs BUNDLE ARGUMENT...: starts it as bin/mbx.mjs does the compiler's.
import { loadBundle } from "../../bin/load.mjs";

const [, , bundle = ""] = process.argv;
loadBundle(bundle, "start");
