import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { processorMs } from "../../../../tests/processorTime.ts";
import type { Page } from "../../page.ts";
import { readPage } from "../../pages.ts";
import { Site } from "../../site.ts";
import { expandShortcodes } from "./shortcodes.ts";

function pageAt(path: string, text: string): Page {
  return readPage({ path, bytes: Buffer.from(text) }) as Page;
}

const others = [
  pageAt(
    "reference/glossary/pod.md",
    "---\ntitle: Pod\nid: pod\n---\nThe smallest object.\n\n<!--more-->\n\nIt runs containers.\n",
  ),
  pageAt(
    "reference/feature-gates/Turbo.md",
    "---\ntitle: Turbo\nstages:\n  - stage: alpha\n    fromVersion: '1.20'\n  - stage: beta\n    defaultValue: true\n    fromVersion: '1.25'\n---\nMakes it fast.\n",
  ),
  pageAt("includes/steps.md", "First.\n\nSecond.\n"),
  pageAt("includes/me.md", "again {{< include me.md >}}"),
];

function expand(body: string): { text: string; missing: Record<string, number> } {
  const page = pageAt("a/page.md", body);
  const site = new Site([page, ...others], "/docs/");
  return { text: site.expand(page), missing: site.missing };
}

describe("shortcodes become the text readers see", () => {
  it.each([
    ["{{< note >}}Mind{{< /note >}}", "**Note:**Mind"],
    ["{{% alert title=`Old` %}}x{{% /alert %}}", "**Old**x"],
    ['{{< tabs name="q" >}}{{% tab name="Linux" %}}apt{{% /tab %}}{{< /tabs >}}', "**Linux:**apt"],
    ['## {{% heading "whatsnext" %}}', "## What's next"],
    ['a {{< glossary_tooltip term_id="pod" text="pods" >}}', "a pods"],
    ['a {{< glossary_tooltip term_id="pod" >}}', "a Pod"],
    ['a {{< glossary_tooltip term_id="gone" >}}', "a gone"],
    ['{{< glossary_definition term_id="pod" length="short" >}}', "The smallest object."],
    [
      '{{< glossary_definition term_id="pod" length="all" prepend="A pod is" >}}',
      "A pod is the smallest object. It runs containers.",
    ],
    ['{{< feature-state for_k8s_version="v1.9" state="stable" >}}', "FEATURE STATE: Kubernetes v1.9 [stable]"],
    ['{{< feature-state for_karmada_version="v1.2" state="beta" >}}', "FEATURE STATE: Karmada v1.2 [beta]"],
    ['{{< feature-state state="alpha" >}}', "FEATURE STATE: Kubernetes [alpha]"],
    ['{{< feature-state feature_gate_name="Gone" >}}', "FEATURE STATE: Kubernetes [Gone]"],
    [
      '{{< feature-state feature_gate_name="Turbo" >}}',
      "FEATURE STATE: Kubernetes v1.25 [beta] (enabled by default: true)",
    ],
    ['{{< feature-gate-description name="Turbo" >}}', "Makes it fast."],
    ['{{< include "steps.md" >}}', "First. Second."],
    ['[x]({{< ref "/docs/y" >}})', "[x](/docs/y)"],
    ['{{< figure src="a.png" title="Flow" alt="boxes" >}}', "Flow. boxes"],
    ['{{< table caption="Ports" >}}', "Ports"],
    ["{{</* note */>}}", "{{< note >}}"],
    ['{{< details summary="More" >}}x{{< /details >}}', "**More**x"],
    ['{{< admonition type="note" >}}Mind{{< /admonition >}}', "**Note:**Mind"],
    ["{{% notice warning %}}Mind{{% /notice %}}", "**Warning:**Mind"],
    ['{{< tab-content name="curl" >}}get{{< /tab-content >}}', "**curl:**get"],
    ['{{< qa question="Why?" id="q1" >}}So.{{< /qa >}}', "**Why?**So."],
    ["{{< responsive-table >}}x{{< /responsive-table >}}", "x"],
  ])("%s", (body, seen) => {
    expect(expand(body)).toEqual({ text: seen, missing: {} });
  });

  it("and unknown ones become a caption and are counted", () => {
    expect(expand('{{< widget kind="x" >}} and {{% code_sample file="a.yaml" %}} {{< code_sample "b" >}}')).toEqual({
      text: "(widget: x) and (code sample: a.yaml) (code sample: b)",
      missing: { widget: 1, code_sample: 2 },
    });
  });
});

describe("shortcodes", () => {
  it("keep every line where it was", () => {
    const body = '{{< note\n  a="b"\n>}}\nMind\n{{< comment >}}\nhidden\n{{< /comment >}}\nend';
    const { text } = expand(body);
    expect(text.split("\n")).toHaveLength(body.split("\n").length);
    expect(text.split("\n")[3]).toBe("Mind");
    expect(text).not.toContain("hidden");
  });

  it("swallow nothing if they are not closed", () => {
    expect(expand("{{< note\nkept one\n{{< /note >}}\nkept two").text).toContain("kept one");
    expect(expand('{{< note "\nkept one\n{{< tip "x" >}} kept two').text).toMatch(/kept one[\s\S]*kept two/);
    expect(expand("{{< comment >}}\nkept").text).toContain("kept");
  });

  it("are read inside code fences too, as Hugo does", () => {
    expect(expand('```shell\nrun {{< param "v" >}}\n```\nafter').text).toBe("```shell\nrun (param: v)\n```\nafter");
  });

  it("terminate if they include themselves", () => {
    const { text, missing } = expand("{{< include me.md >}}");
    expect(text).toBe("again (include: me.md)");
    expect(missing).toEqual({ include: 1 });
  });

  it("stop including other pages before the page grows without bound", () => {
    const part = (i: number) => pageAt(`includes/p${i}.md`, `{{< include p${i + 1}.md >}}`.repeat(60));
    const page = pageAt("a.md", "{{< include p0.md >}}".repeat(60));
    const last = pageAt("includes/p3.md", "x".repeat(1000));
    expect(new Site([page, part(0), part(1), part(2), last], "/").expand(page).length).toBeLessThan(2_000_000);
  });

  it("take linear time if they are not closed", () => {
    const hostile = ["{{< note\n".repeat(50_000), `{{< ${" ".repeat(100_000)}`, `{{< a "\n`.repeat(30_000)];
    for (const text of hostile) expect(processorMs(() => expand(text))).toBeLessThan(1000);
  });

  it("never change the number of lines", () => {
    const piece = fc.constantFrom(
      ...["{{<", ">}}", "{{%", "%}}", " note ", '"a b"', "\n", "/", "/*", "*/", 'text="x"', '{{< tabs name="q" >}}'],
      ...["word", "{{< /tabs >}}", "`", '"', "{{< comment >}}", "{{< /comment >}}", '{{< include "steps.md" >}}'],
      ...["{{< mermaid >}}", '{{< highlight "sh\nx" >}}', '{{< figure title="a\nb" >}}', "```", "{{</* x\n */>}}"],
    );
    const context = {
      term: () => "t",
      glossary: () => ({ short: "s", all: "s\n\nall" }),
      featureGate: () => null,
      featureGateText: () => "g\ng",
      include: () => "one\n\ntwo",
      missing: () => {},
    };
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const body = pieces.join("");
        expect(expandShortcodes(body, context).split("\n").length).toBe(body.split("\n").length);
      }),
      { numRuns: 1000 },
    );
  });
});
