// time limit: 600 s
// The same with clang; -O1 folds as much, in half the time. It reads what each unit
// includes, and finds what one forgets.
import { test } from "uvu";
import { testUnits } from "../support/generated.ts";

testUnits(async () => ({ cc: "clang", flags: ["-O1", "-c"] }));
test.run();
