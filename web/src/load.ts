import { Core } from './host/core.js';
import { feed } from './host/loading.js';
import type { FeedOptions } from './host/loading.js';
import { Model } from './host/model.js';
import init, { compiledModules } from './init.js';
import { openSource } from './sources/open.js';
import type { ModelSource } from './sources/source.js';

/**
 * Reads a file once, front to back, and places its weights as they arrive, unless it holds none. Calls `init()` if
 * nobody has. What was begun is given back where loading fails.
 */
export async function loadModel(source: ModelSource, options: FeedOptions): Promise<Model> {
  await init();
  const opened = await openSource(source, options.signal);
  const core = new Core(compiledModules());
  try {
    const model = new Model(core, opened.size);
    await feed(model, opened, options);
    if (model.info().vocabOnly === 0) {
      model.place();
      await feed(model, opened, options);
    }
    return model;
  } catch (error) {
    core.discard();
    throw error;
  } finally {
    await opened.close();
  }
}
