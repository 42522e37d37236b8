/** What a run in a process of its own took and gave. */
export interface Measured {
  ms: number;
  /** Of all threads. */
  cpuMs: number;
  /** Most memory of the process at any time. */
  peakMb: number;
  /** What `work` gave. */
  rows: number;
}

/** Does the work and prints what it took and gave as JSON. */
export async function printMeasured(work: () => Promise<number>): Promise<void> {
  const used = process.cpuUsage();
  const started = performance.now();
  const rows = await work();
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(used);
  const measured: Measured = { ms, cpuMs: (user + system) / 1000, peakMb: process.resourceUsage().maxRSS / 1024, rows };
  console.log(JSON.stringify(measured));
}
