export function pageScripts(): { first: number; later: number };
