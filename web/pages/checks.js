// What the pages of checks share. Each check becomes a line of the list; what all have found is shown, and is
// window.__verdict once they have all run.
export const parameters = new URLSearchParams(location.search);
export const bundledModel = new URL('../../models/chord-tiny/chord-tiny-q8_0.gguf', import.meta.url).href;
const list = document.getElementById('checks');
const verdictElement = document.getElementById('verdict');

export function expect(condition, message) {
  if (!condition) throw new Error(message);
}

/**
 * Calls `run(source, check, verdict)` with chord-tiny, with the `?model=URL` instead, and with each file that is chosen.
 * `check(name, work)` resolves with whether `work` passed, and shows what it returns or throws. `verdict` holds `facts`.
 */
export function checkModels(facts, run) {
  async function runAll(source) {
    list.replaceChildren();
    verdictElement.textContent = 'running';
    window.__verdict = undefined;
    const verdict = { passed: false, ...facts, userAgent: navigator.userAgent, figures: {}, checks: [] };

    async function check(name, work) {
      const result = { name, ok: true, detail: '', ms: 0 };
      const begin = performance.now();
      try {
        result.detail = (await work()) ?? '';
      } catch (error) {
        result.ok = false;
        result.detail = `${error.code ?? error.name}: ${error.message}`;
      }
      result.ms = Math.round(performance.now() - begin);
      verdict.checks.push(result);
      const item = document.createElement('li');
      item.className = result.ok ? 'pass' : 'fail';
      const detail = Object.assign(document.createElement('small'), {
        textContent: `${result.detail} ${result.ms} ms`,
      });
      item.append(name, ' ', detail);
      list.append(item);
      return result.ok;
    }

    await run(source, check, verdict);
    verdict.passed = verdict.checks.every(({ ok }) => ok);
    verdictElement.textContent = JSON.stringify(verdict, undefined, 2);
    window.__verdict = verdict;
  }

  document.getElementById('file').addEventListener('change', ({ target }) => {
    if (target.files[0]) void runAll(target.files[0]);
  });
  void runAll(parameters.get('model') ?? bundledModel);
}
