import { navigatorGpu } from './navigator.js';
import { isInstalled, packageName } from './presence_node.js';

// With it, SwiftShader sets each element of a workgroup's memory by an instruction of its own, which takes it a second
// to compile; without it, the shaders do that in a loop.
export const softwareToggles = 'disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension';

export async function gpuApi(software: boolean): Promise<GPU | undefined> {
  return navigatorGpu() ?? (await (pending[Number(software)] ??= load(software)));
}

const pending: Promise<GPU | undefined>[] = [];

async function load(software: boolean): Promise<GPU | undefined> {
  if (!isInstalled()) return undefined;
  const module: unknown = await import(packageName);
  return hasCreate(module) ? module.create(software ? [softwareToggles] : []) : undefined;
}

function hasCreate(module: unknown): module is { create(flags: readonly string[]): GPU } {
  return typeof module === 'object' && module !== null && 'create' in module;
}
