/** How tokens are called in messages. */
import type { IToken, TokenType } from "chevrotain";
import * as t from "./tokens.ts";

const LONGEST_SHOWN = 40;

/** What was found: `the text "dpi.c"`, `` `where` ``, `the end of the file`. */
export function describeFound(token: IToken): string {
  if (token.image === "") return "the end of the file";
  const image = token.image.length > LONGEST_SHOWN ? `${token.image.slice(0, LONGEST_SHOWN)}…` : token.image;
  return `\`${image}\``;
}

const classes: ReadonlyMap<TokenType, string> = new Map([
  [t.Name, "a name"],
  [t.Text, "a text in double quotes"],
  [t.NumberToken, "a number"],
  [t.Ipv4, "an address"],
  [t.Ipv6, "an address"],
  [t.Mac, "an address"],
  [t.FieldName, "a field"],
  [t.OptionName, "an option"],
]);

export function describeExpected(type: TokenType): string {
  return classes.get(type) ?? type.LABEL ?? type.name;
}

/** `a, b or c`, each once. */
export function alternatives(items: readonly string[]): string {
  const distinct = [...new Set(items)];
  const last = distinct.at(-1) ?? "";
  return distinct.length < 2 ? last : `${distinct.slice(0, -1).join(", ")} or ${last}`;
}

/** What follows the word that begins a member, for a missing or wrong one. */
export function describeArgument(type: TokenType): string {
  switch (type) {
    case t.Subscribe:
    case t.Publish:
      return "an event";
    case t.Reads:
    case t.Writes:
      return "a field, such as `flow.packets`";
    case t.OnError:
    case t.OnOverload:
    case t.Malformed:
      return "`forward` or `drop`";
    case t.Links:
      return 'the name of a library, such as `"libpcre2-8"`';
    case t.Handler:
      return 'the file of the handler, such as `"dpi.c"`';
    case t.Run:
      return "the command in double quotes";
    case t.State:
      return "`flow`";
    case t.ChainStack:
      return "the name of a stack";
    case t.Ports:
      return "the name of a port";
    case t.PathWord:
      return "a network function or `(`";
    case t.Place:
      return "the name of a network function";
    case t.OptionName:
      return "the value of the option";
    default:
      return "a name";
  }
}
