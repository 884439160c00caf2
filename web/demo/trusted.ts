// The page's content security policy lets no text become a script. Workers are the exception, by their addresses.

interface TrustedTypes {
  createPolicy(name: string, rules: { readonly createScriptURL: (url: string) => string }): unknown;
}

declare global {
  interface Window {
    readonly trustedTypes?: TrustedTypes;
  }
}

/** Allows workers from the page's own origin, in browsers that ask. */
export function allowOwnWorkers(): void {
  window.trustedTypes?.createPolicy('default', {
    createScriptURL: (url) => {
      if (new URL(url, document.baseURI).origin === location.origin) return url;
      throw new TypeError(`a worker of another origin: ${url}`);
    },
  });
}
