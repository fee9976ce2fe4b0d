/** A path of this server, so that no link can send a person elsewhere; `/` for any other. */
export function ownPath(path: string | null | undefined): string {
  const own = "http://winnow.invalid";
  if (!path?.startsWith("/") || !URL.canParse(path, own)) return "/";
  const { origin, pathname, search } = new URL(path, own);
  return origin === own && !pathname.startsWith("//") ? pathname + search : "/";
}
