/** What the emitters make: text for a file, and where it goes. */
export interface EmittedFile {
  /**
   * `build`: `path` is relative to the program's build folder.
   * `beside`: generated beside a handler (`signature.gen.h`); `path` is absolute.
   * `stub`: a handler that the author will edit: written only where none exists; absolute.
   */
  readonly kind: "build" | "beside" | "stub";
  readonly path: string;
  readonly text: string;
}
