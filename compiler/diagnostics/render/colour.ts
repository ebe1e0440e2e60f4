/** Colours of a terminal, or none. */
export type Paint = (text: string) => string;

export interface Palette {
  readonly error: Paint;
  readonly warning: Paint;
  readonly gutter: Paint;
  readonly secondary: Paint;
  readonly help: Paint;
  readonly note: Paint;
  readonly strong: Paint;
}

const plain: Paint = (text) => text;

function sgr(codes: string): Paint {
  return (text) => (text === "" ? "" : `\u001b[${codes}m${text}\u001b[0m`);
}

export function palette(colour: boolean): Palette {
  if (!colour) {
    return {
      error: plain,
      warning: plain,
      gutter: plain,
      secondary: plain,
      help: plain,
      note: plain,
      strong: plain,
    };
  }
  return {
    error: sgr("1;31"),
    warning: sgr("1;33"),
    gutter: sgr("1;34"),
    secondary: sgr("1;34"),
    help: sgr("1;36"),
    note: sgr("1"),
    strong: sgr("1"),
  };
}
