import { logLine } from "../log.js";
import { three } from "./three.gen.js";

let a = 0;
let b = 0;
let ordered = true;

export default three({
  a(_ctx, m) {
    ordered &&= m.n === a++;
  },
  b(_ctx, m) {
    ordered &&= m.n === b++;
  },
  end() {
    logLine(`three ${a} ${b} ${ordered ? "in order" : "out of order"}`);
  },
});
