import { lenient } from "./lenient.gen.js";

export default lenient({
  pkt_udp() {
    throw new Error("this handler always throws");
  },
});
