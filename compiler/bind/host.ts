/** What the compiler asks of the machine that it runs on. */

export interface Host {
  /** Text of a file, or undefined where there is none that can be read. */
  readonly readFile: (path: string) => string | undefined;
  readonly fileExists: (path: string) => boolean;
  /** Whether something has this name that is no file which can be read: a folder. Absent: nothing is. */
  readonly isUnreadable?: (path: string) => boolean;
  /** Names of the files in a folder, for suggestions. Absent: none are made. */
  readonly filesIn?: (folder: string) => readonly string[];
}
