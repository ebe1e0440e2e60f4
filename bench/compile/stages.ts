/** The compiler's stages, in their order, and what each took of the processor. */
export const stages = ["parse", "bind", "check", "ir", "plan", "emit"] as const;

export type Stage = (typeof stages)[number];

/** Milliseconds. */
export type StageTimes = Readonly<Record<Stage, number>>;

/** Reads what `phases.ts` prints. */
export function readStageTimes(text: string): StageTimes {
  const read: unknown = JSON.parse(text);
  const took = (stage: Stage): number => {
    const value =
      typeof read === "object" && read !== null && stage in read ? Reflect.get(read, stage) : undefined;
    if (typeof value !== "number" || Number.isNaN(value)) throw new Error(`no time of ${stage} in ${text}`);
    return value;
  };
  return {
    parse: took("parse"),
    bind: took("bind"),
    check: took("check"),
    ir: took("ir"),
    plan: took("plan"),
    emit: took("emit"),
  };
}
