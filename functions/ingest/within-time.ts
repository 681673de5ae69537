/** Waits for what is under way as long as there is time. Rejects then, and as it does; it goes on by itself. */
export async function withinTime<T>(underWay: Promise<T>, deadline: AbortSignal): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    const end = () => reject(new Error('the time for an answer is used up'));
    if (deadline.aborted) end();
    else deadline.addEventListener('abort', end, { once: true });
  });
  return Promise.race([underWay, late]);
}
