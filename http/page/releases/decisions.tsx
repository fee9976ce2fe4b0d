import type { Action } from "../../../client/decisions.ts";
import { FormKey } from "../parts/formKey.tsx";
import type { ShownRelease } from "./shownRelease.ts";

const NAMES: Record<Action, string> = {
  promote: "Promote this release",
  rollback: "Go back to this release",
  approve: "Approve this candidate",
  reject: "Reject this candidate",
};

/** Forms of the decisions that can be made on a release now. Each asks who decides and why. */
export function Decisions(shown: ShownRelease & { waits: boolean }) {
  const { release, waits } = shown;
  const { id, champion, retired, earlier } = release;
  const actions: Action[] = waits ? ["approve", "reject"] : [];
  if (!waits && !retired) actions.push(earlier ? "rollback" : "promote");
  if (champion === id) return <ServesNow {...shown} />;
  return (
    <div class="decisions screen">
      {actions.map((action) => (
        <DecisionForm key={action} action={action} release={id} champion={champion} />
      ))}
    </div>
  );
}

/** The champion itself offers the way back to the release before. */
function ServesNow({ release: { id, before } }: ShownRelease) {
  if (before === null) return <p class="soft">It serves, and no release served before it.</p>;
  return (
    <div class="decisions screen">
      <DecisionForm action="rollback" release={before} champion={id} name={`Go back to release ${before}`} />
    </div>
  );
}

interface Given {
  action: Action;
  release: string;
  champion: string | null;
  name?: string;
}

function DecisionForm({ action, release, champion, name = NAMES[action] }: Given) {
  const label = `${action}-by`;
  const why = `${action}-reason`;
  return (
    <details>
      <summary class="button">{name}…</summary>
      <form method="post" action={`/releases/${release}`} class="decide">
        <p>{effectOf(action, release, champion)}</p>
        <FormKey />
        <input type="hidden" name="action" value={action} />
        <input type="hidden" name="expected" value={champion ?? ""} />
        <label for={label}>Your name</label>
        <input id={label} name="by" required maxlength={200} autocomplete="name" />
        <label for={why}>Why</label>
        <textarea id={why} name="reason" required maxlength={1000} rows={2} />
        <p class="faint">Both are kept in the ledger.</p>
        <button type="submit" class="main">
          {name}
        </button>
      </form>
    </details>
  );
}

/** What happens when the form is sent. */
function effectOf(action: Action, release: string, champion: string | null): string {
  const instead = champion === null ? "nothing serves now" : `${champion} serves now`;
  if (action === "reject") return `Release ${release} is kept, but does not serve; ${instead}.`;
  const override = action === "promote" ? " This overrides the gate." : "";
  return `The next question is answered by release ${release}; ${instead}.${override}`;
}
