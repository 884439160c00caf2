import { element } from '../ui/dom.js';

const scroller = element('scroller', HTMLElement);
const jump = element('jump', HTMLButtonElement);

// As far from the end still counts as there.
const slack = 48;

let follows = true;

/** Keeps the end of the conversation in sight, until the reader scrolls away from it. */
export function prepareFollow(): void {
  let lastTop = 0;
  scroller.addEventListener('scroll', () => {
    const { scrollTop } = scroller;
    // What grows below moves nothing, so upwards is the reader's doing.
    if (scrollTop < lastTop) follows = isAtEnd();
    else follows ||= isAtEnd();
    lastTop = scrollTop;
    jump.hidden = isAtEnd();
  });
  jump.addEventListener('click', () => {
    toEnd();
  });
  new ResizeObserver(follow).observe(scroller);
}

/** After something was added. */
export function follow(): void {
  if (follows) scroller.scrollTop = scroller.scrollHeight;
  jump.hidden = isAtEnd();
}

export function toEnd(): void {
  follows = true;
  follow();
}

function isAtEnd(): boolean {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < slack;
}
