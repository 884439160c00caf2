/** A tab, whatever drives its browser. */
export interface Tab {
  evaluate(script: string): Promise<unknown>;
  reload(): Promise<unknown>;
  close(): Promise<void>;
}
