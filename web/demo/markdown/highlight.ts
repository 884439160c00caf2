// Colours for code, loaded with the first block of it.
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { createLowlight } from 'lowlight';
import { make } from '../ui/dom.js';
import type { Child } from '../ui/dom.js';

const languages = { bash, c, cpp, css, diff, go, java, javascript, json, python, rust, sql, typescript, xml, yaml };
const lowlight = createLowlight(languages);

// Past this, colouring would be felt.
const longest = 50_000;

export function highlight(text: string, language: string): Child[] {
  if (!lowlight.registered(language) || text.length > longest) return [text];
  return lowlight.highlight(language, text).children.map(childOf);
}

type Nodes = ReturnType<typeof lowlight.highlight>['children'][number];

function childOf(node: Nodes): Child {
  if (node.type === 'text') return node.value;
  if (node.type !== 'element') return '';
  const names = node.properties['className'];
  return make('span', Array.isArray(names) ? names.join(' ') : '', ...node.children.map(childOf));
}
