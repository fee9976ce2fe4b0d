import type { ComponentChildren } from "preact";

/** What may be wider than the page: it scrolls on its own, also by the keyboard. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <section class="scroll" aria-label={label} tabindex={0}>
      {children}
    </section>
  );
}
