// Headless Chromium on SwiftShader.
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { softwareToggles } from '../../src/gpu/api_node.js';

const flags = [
  '--no-sandbox',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  `--${softwareToggles}`,
];

export function launch(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, headless: true, args: flags });
}
