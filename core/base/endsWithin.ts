/** True if the work settles, either way, within this time. */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((settle) => {
    timer = setTimeout(settle, ms, false);
  });
  const ended = () => true;
  return Promise.race([work.then(ended, ended), late]).finally(() => clearTimeout(timer));
}
