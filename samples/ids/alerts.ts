// alerts: one line an alert, on standard output.
import { alerts } from "./alerts.gen.js";

export default alerts({
  ids_alert(_ctx, m) {
    const from = `${m.flowClientIp}:${m.flowClientPort}`;
    const to = `${m.flowServerIp}:${m.flowServerPort}`;
    console.log(`alert ${m.signature} severity ${m.severity} ${from} -> ${to} ${m.message}`);
  },
});
