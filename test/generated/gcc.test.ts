// time limit: 600 s
// gcc compiles what is generated without a warning, and the stacks in it do what the plan
// says and no more: of the samples with warnings that `mbx build` does not ask for, too.
import { test } from "uvu";
import { chains, gccAsBuilt, samples, testBuilt, testPrecompiled, testUnits } from "../support/generated.ts";

testUnits(samples, gccAsBuilt);
testBuilt(chains);
testPrecompiled();
test.run();
