// What the tests of load() call in a page: what an engine answers, and where it runs.
window.ask = async (script, source, options) => {
  const { load } = await import(script);
  const engine = await load(source, options);
  const question = [{ role: 'user', content: 'What is the capital of France?' }];
  const text = await engine.generate(question, { temperature: 0, maxTokens: 40 }).text();
  const { worker, workerReason: reason, threads, variant, device, deviceReason } = engine.info;
  await engine.dispose();
  return { text, worker, reason, threads, variant, device, deviceReason };
};
