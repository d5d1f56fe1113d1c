/** A path of this shop to go on to, from what stands in an address; the front page for anything else. */
export function safePath(text: string | null): string {
  if (text === null) return "/";
  try {
    const url = new URL(text, window.location.origin);
    const ours = url.origin === window.location.origin && text.startsWith("/");
    return ours ? url.pathname + url.search + url.hash : "/";
  } catch {
    return "/";
  }
}
