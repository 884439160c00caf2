// The side of an engine in a process of its own, which its parent (processes.mjs) asks by messages.

/** `open` loads the model; it resolves to loadMs, facts and run(). */
export async function answer(open) {
  const { loadMs, facts, run } = await open(JSON.parse(process.argv[2]));
  process.on('message', async () => {
    const speeds = await run();
    process.send({ speeds, peakBytes: process.resourceUsage().maxRSS * 1024 });
  });
  process.send({ loadMs, facts });
}
