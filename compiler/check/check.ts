/** Runs every rule over a bound program. The tables below are all there is. */
import type { Host } from "../bind/host.ts";
import type { BoundProgram } from "../bind/model.ts";
import type { Report } from "../diagnostics/report.ts";
import { accessesHaveSense } from "./access.check.ts";
import type { ChainRule, CheckContext, NfRule, ProgramRule, StackRule } from "./context.ts";
import { instancesHaveRoom, stacksShareTheirCores, tunnelsAreWhole } from "./cores.check.ts";
import * as events from "./events.check.ts";
import { filtersAreTyped } from "./filters.check.ts";
import { generatedNamesDiffer, nfNamesAreFree, sharedNamesAreFree } from "./generated-names.check.ts";
import { handlerFileExists, handlerFileIsOwn } from "./handlers.check.ts";
import { libraryNamesAreWellFormed, partsSuitTheLanguage } from "./libraries.check.ts";
import { optionsAreKnown } from "./options.check.ts";
import { stacksMatchDifferentPackets } from "./overlap.check.ts";
import { parallelNfsAreIndependent } from "./parallel.check.ts";
import * as parts from "./parts.check.ts";
import * as paths from "./path.check.ts";
import { eventsFitARecord, messagesFitARecord, startFitsTheBuffer } from "./records.check.ts";
import * as subscriptions from "./subscriptions.check.ts";
import { nfCanBeBuilt, placesCanBeBuilt, stackCanBeBuilt } from "./unbuilt.check.ts";
import { waitsFitTheStages } from "./waits.check.ts";

const stackRules: readonly StackRule[] = [
  optionsAreKnown,
  instancesHaveRoom,
  tunnelsAreWhole,
  stackCanBeBuilt,
];

const nfRules: readonly NfRule[] = [
  parts.partsStandOnce,
  parts.policiesAreKnown,
  parts.programsHaveNoOtherParts,
  parts.handlerIsNamed,
  parts.verdictsHaveAPacket,
  subscriptions.subscribesToSomething,
  subscriptions.groupsAreNotHeard,
  subscriptions.userEventsArePublished,
  subscriptions.publicationsAreListedOnce,
  subscriptions.publicationsHaveTheirFlow,
  subscriptions.callbacksHaveSense,
  subscriptions.fromStartKeepsSomething,
  filtersAreTyped,
  accessesHaveSense,
  messagesFitARecord,
  handlerFileExists,
  libraryNamesAreWellFormed,
  partsSuitTheLanguage,
  nfNamesAreFree,
  nfCanBeBuilt,
];

const chainRules: readonly ChainRule[] = [
  paths.membersStandOnce,
  paths.chainIsComplete,
  paths.portsDiffer,
  paths.malformedIsAPolicy,
  paths.nfStandsOnce,
  paths.nfsFitTheChain,
  paths.placesAreInThePath,
  paths.placesAreOnCores,
  paths.redirectsWhereItCan,
  paths.programsRunOnEndpoints,
  events.heardEventsAreRaised,
  events.stackRaisesWhatIsHeard,
  parallelNfsAreIndependent,
  startFitsTheBuffer,
  placesCanBeBuilt,
  waitsFitTheStages,
];

/** After the others: they ask about the program as a whole. */
const programRules: readonly ProgramRule[] = [
  eventsFitARecord,
  sharedNamesAreFree,
  generatedNamesDiffer,
  handlerFileIsOwn,
  stacksMatchDifferentPackets,
  stacksShareTheirCores,
  paths.nfsStandInAChain,
  events.publishedEventsAreHeard,
  events.declaredEventsAreUsed,
];

export function checkProgram(program: BoundProgram, report: Report, host: Host): CheckContext {
  const context: CheckContext = {
    program,
    report,
    host,
    filters: new Map(),
    optionValues: new Map(),
    suggested: new Set(),
  };
  for (const rule of stackRules) for (const stack of program.stacks) rule(stack, context);
  for (const rule of nfRules) {
    for (const nf of program.nfs) {
      if (nf.origin === undefined && nf.body !== undefined) rule(nf, nf.body, context);
    }
  }
  for (const rule of chainRules) for (const chain of program.chains) rule(chain, context);
  for (const rule of programRules) rule(context);
  return context;
}
