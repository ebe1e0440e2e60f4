// time limit: 600 s
// The same with clang; -O1 folds as much, in half the time.
import { test } from "uvu";
import { testUnits } from "../support/generated.ts";

testUnits("clang", "-O1");
test.run();
