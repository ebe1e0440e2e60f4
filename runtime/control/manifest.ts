/** `manifest.json` of a built program: what the control needs beside the addon. */

export interface Manifest {
  readonly version: 1;
  /** Name of the program: the root file without `.mbx`. */
  readonly program: string;
  /** The root file, as it was given. */
  readonly source: string;
  /** Logical ports, in the order of the dataplane. */
  readonly ports: readonly string[];
  /** In the order of the dataplane. */
  readonly chains: readonly ManifestChain[];
}

export interface ManifestChain {
  readonly name: string;
  readonly stack: string;
  /** Absent: reached by its stack's address. */
  readonly ports?: { readonly near: string; readonly far?: string };
  readonly nfs: readonly ManifestNf[];
}

export type ManifestNf = ManifestNativeNf | ManifestWorkerNf;

export interface ManifestNativeNf {
  readonly language: "c";
  readonly name: string;
  /** Names of the events it subscribes to, by number of the subscription. */
  readonly subscriptions: readonly string[];
}

export interface ManifestWorkerNf {
  readonly language: "ts";
  readonly name: string;
  readonly subscriptions: readonly string[];
  /** Core that `place` gives its worker; absent: any. */
  readonly core?: number;
  /** Number of its outlet in the chain. */
  readonly outlet: number;
  /** Its bundle, relative to the manifest: `nf-alerts.mjs`. */
  readonly module: string;
  /** `NfModule.layout` that the addon was built with. */
  readonly layout: string;
  /** The handler as written in the source: `alerts.ts`. */
  readonly handler: string;
}
