import { strict } from "./strict.gen.js";

export default strict({
  pkt_udp() {
    throw new Error("this handler always throws");
  },
});
