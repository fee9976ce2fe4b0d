import { lookAt } from "../families/modelFolder.ts";

/** Layers, from the first, in which a reranker that Winnow wrote reads question and passage apart; 0 in other models. */
export async function layersApart(modelDir: string): Promise<number> {
  const { config } = await lookAt(modelDir);
  const apart = (config?.winnow as { apart?: unknown } | undefined)?.apart;
  return typeof apart === "number" ? apart : 0;
}
