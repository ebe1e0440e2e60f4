// time limit: 600 s
// gcc compiles what is generated as `mbx build` does, without a warning, and the
// stacks in it do what the plan says and no more.
import { test } from "uvu";
import { gccAsBuilt, testPrecompiled, testUnits } from "../support/generated.ts";

testUnits(gccAsBuilt);
testPrecompiled();
test.run();
