/**
 * How large a record is in which an event travels: a header of 16 bytes, 16
 * bytes of flow handle, direction and time, then fields in their order, each at
 * its natural alignment.
 */
import type { BuiltinType } from "../catalog/types.ts";
import { typeOfBuiltin } from "./builtin.ts";
import type { ScalarName, TypeIr } from "./ir.ts";

/** Bytes of a slot, and slots that a record may have. */
export const SLOT_SIZE = 64;
export const SLOT_LIMIT = 8;
export const RECORD_LIMIT = SLOT_SIZE * SLOT_LIMIT;

const HEADER_SIZE = 32;

interface Extent {
  readonly size: number;
  readonly align: number;
}

const scalarExtents: Readonly<Record<ScalarName, Extent>> = {
  bool: { size: 1, align: 1 },
  u8: { size: 1, align: 1 },
  u16: { size: 2, align: 2 },
  u32: { size: 4, align: 4 },
  u64: { size: 8, align: 8 },
  i32: { size: 4, align: 4 },
  i64: { size: 8, align: 8 },
  // Its version and sixteen bytes of address.
  ip: { size: 17, align: 1 },
  mac: { size: 6, align: 1 },
  time: { size: 8, align: 8 },
  duration: { size: 8, align: 8 },
};

/** Where the bytes of a packet are: never the bytes themselves. */
const reference: Extent = { size: 8, align: 4 };

function extentOf(type: TypeIr): Extent {
  switch (type.kind) {
    case "scalar":
      return scalarExtents[type.name];
    case "enum":
      return { size: 1, align: 1 };
    case "bytes":
    case "text":
      // A length of two bytes goes before them, and they end at an even place.
      return { size: 2 + type.size + (type.size % 2), align: 2 };
  }
}

/** Size in bytes of a record with these fields; catalog types stand for themselves. */
export function recordSize(fields: readonly (TypeIr | BuiltinType)[]): number {
  let size = HEADER_SIZE;
  for (const field of fields) {
    const type = typeof field === "string" ? typeOfBuiltin(field) : field;
    const extent = type === undefined ? reference : extentOf(type);
    size = Math.ceil(size / extent.align) * extent.align + extent.size;
  }
  return size;
}
