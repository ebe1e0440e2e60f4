import { logLine } from "../log.js";
import { pages } from "./pages.gen.js";

export default pages({
  flow_start(_ctx, m) {
    logLine(`pages ${m.flowServerPort}`);
  },
});
