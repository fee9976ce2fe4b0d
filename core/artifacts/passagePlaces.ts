import type { Passage } from "../../contracts/passage.ts";
import { addTo } from "../base/groupBy.ts";

/** Positions of passages, by page in order and by id. */
export class PassagePlaces {
  readonly byPage = new Map<string, number[]>();
  readonly byId = new Map<string, number>();

  add({ page, id }: Pick<Passage, "page" | "id">, position: number): void {
    addTo(this.byPage, page, position);
    this.byId.set(id, position);
  }
}
