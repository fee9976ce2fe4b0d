import { isWebAddress } from "../answer/nodes.tsx";

/** A place in the docs, as a link if its address is one of the web. */
export function Place({ page, heading, url }: { page: string; heading: readonly string[]; url: string }) {
  const text = heading.length === 0 ? page : `${page} › ${heading.join(" › ")}`;
  return isWebAddress(url) ? (
    <a href={url} rel="noreferrer">
      {text}
    </a>
  ) : (
    <span>{text}</span>
  );
}
