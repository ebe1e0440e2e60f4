import { census } from "./census.gen.js";

const counts = { started: 0, bytes: 0, gaps: 0, ended: 0 };

export default census({
  flow_start() {
    counts.started += 1;
  },
  data_tcp(_ctx, m) {
    counts.bytes += m.end - m.start;
  },
  flow_gap() {
    counts.gaps += 1;
  },
  flow_end() {
    counts.ended += 1;
  },
  end() {
    console.log(`census ${JSON.stringify(counts)}`);
  },
});
