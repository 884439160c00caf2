// Markdown to elements. Nothing of the text ever becomes HTML, so there is nothing to sanitize; and nothing is loaded.
import type { Token, Tokens } from 'marked';
import { codeBlock } from './code_block.js';
import { decodeEntities } from './entities.js';
import { make } from '../ui/dom.js';
import type { Child } from '../ui/dom.js';

/** What marked knows, by its type; a plain `Token` may be of an extension's, of which there are none. */
type Known =
  | Tokens.Blockquote
  | Tokens.Br
  | Tokens.Checkbox
  | Tokens.Code
  | Tokens.Codespan
  | Tokens.Def
  | Tokens.Del
  | Tokens.Em
  | Tokens.Escape
  | Tokens.Heading
  | Tokens.Hr
  | Tokens.HTML
  | Tokens.Image
  | Tokens.Link
  | Tokens.List
  | Tokens.ListItem
  | Tokens.Paragraph
  | Tokens.Space
  | Tokens.Strong
  | Tokens.Table
  | Tokens.Tag
  | Tokens.Text;

export function render(tokens: readonly Token[]): Child[] {
  return tokens.filter(isKnown).map(renderOne);
}

const types: ReadonlySet<string> = new Set<Known['type']>([
  'blockquote',
  'br',
  'checkbox',
  'code',
  'codespan',
  'def',
  'del',
  'em',
  'escape',
  'heading',
  'hr',
  'html',
  'image',
  'link',
  'list',
  'list_item',
  'paragraph',
  'space',
  'strong',
  'table',
  'text',
]);

function isKnown(token: Token): token is Known {
  return types.has(token.type);
}

function renderOne(token: Known): Child {
  switch (token.type) {
    case 'paragraph':
      return make('p', '', ...render(token.tokens));
    case 'text':
      return inline(token.tokens ?? [], decodeEntities(token.text));
    case 'escape':
      return token.text;
    // As it is written: a page that shows tags is not told what to do by them.
    case 'html':
      return token.raw;
    case 'strong':
      return make('strong', '', ...render(token.tokens));
    case 'em':
      return make('em', '', ...render(token.tokens));
    case 'del':
      return make('del', '', ...render(token.tokens));
    case 'codespan':
      return make('code', '', token.text);
    case 'br':
      return make('br', '');
    case 'code':
      return codeBlock(token.text, token.lang ?? '');
    case 'heading':
      return heading(token);
    case 'hr':
      return make('hr', '');
    case 'blockquote':
      return make('blockquote', '', ...render(token.tokens));
    case 'list':
      return list(token);
    case 'list_item':
      return make('li', '', ...render(token.tokens));
    case 'checkbox':
      return token.checked ? '☑ ' : '☐ ';
    case 'table':
      return table(token);
    case 'link':
      return link(token.href, inline(token.tokens, token.text));
    // An image would be fetched from elsewhere, which tells that one reads.
    case 'image':
      return link(token.href, token.text || token.href);
    case 'def':
    case 'space':
      return '';
  }
}

function inline(tokens: readonly Token[], text: string): Child {
  if (tokens.length === 0) return text;
  const fragment = document.createDocumentFragment();
  fragment.append(...render(tokens));
  return fragment;
}

// The page's own headings stand above those of an answer.
function heading({ depth, tokens }: Tokens.Heading): HTMLElement {
  const tags = ['h4', 'h5', 'h6'] as const;
  const made = make(tags[depth - 1] ?? 'h6', '', ...render(tokens));
  return made;
}

function list({ ordered, start, items }: Tokens.List): HTMLElement {
  if (!ordered) return make('ul', '', ...render(items));
  const made = make('ol', '', ...render(items));
  if (typeof start === 'number' && start !== 1) made.start = start;
  return made;
}

function table({ header, align, rows }: Tokens.Table): HTMLElement {
  const cell = (tag: 'th' | 'td', { tokens }: Tokens.TableCell, column: number): HTMLElement => {
    const made = make(tag, '', ...render(tokens));
    const aligned = align[column];
    if (aligned) made.style.textAlign = aligned;
    if (tag === 'th') made.setAttribute('scope', 'col');
    return made;
  };
  const head = make('tr', '', ...header.map((each, column) => cell('th', each, column)));
  const body = rows.map((row) => make('tr', '', ...row.map((each, column) => cell('td', each, column))));
  const made = make('table', '', make('thead', '', head), make('tbody', '', ...body));
  const scroller = make('div', 'table', made);
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'region');
  scroller.setAttribute('aria-label', 'Table');
  return scroller;
}

const safe = new Set(['http:', 'https:', 'mailto:']);

function link(href: string, content: Child): Child {
  const protocol = URL.canParse(href) ? new URL(href).protocol : '';
  if (!safe.has(protocol)) return content;
  const made = make('a', '', content);
  made.href = href;
  made.target = '_blank';
  made.rel = 'noopener noreferrer';
  return made;
}
