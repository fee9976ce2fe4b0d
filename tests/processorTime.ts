/** Processor time of `work` in this process, in ms. Unlike wall time, it does not grow on a busy machine. */
export function processorMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
