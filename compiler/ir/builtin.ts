/** Types of the catalog as types of the IR. */
import { catalogEnum } from "../catalog/lookup.ts";
import type { BuiltinType } from "../catalog/types.ts";
import type { ScalarName, TypeIr } from "./ir.ts";

const scalarTypes: ReadonlyMap<string, TypeIr> = new Map(
  (
    [
      "bool",
      "u8",
      "u16",
      "u32",
      "u64",
      "ip",
      "mac",
      "time",
      "duration",
    ] as const satisfies readonly ScalarName[]
  ).map((name) => [name, { kind: "scalar", name }]),
);

/** Undefined for `bytes`, which is a reference into the packet and not a value. */
export function typeOfBuiltin(type: BuiltinType): TypeIr | undefined {
  if (!type.startsWith("enum:")) return scalarTypes.get(type);
  const found = catalogEnum(type.slice("enum:".length));
  return found === undefined ? undefined : { kind: "enum", enum: found };
}
