/** The model that comes with the page. */
export const bundled = {
  name: 'chord-tiny',
  url: new URL('../../../models/chord-tiny/chord-tiny-q8_0.gguf', import.meta.url).href,
};
