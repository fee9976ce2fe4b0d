import { describe, expect, it } from "vitest";
import { WinnowError } from "../core/base/errors.ts";
import { EXIT } from "./exit.ts";
import { describeFailure } from "./failure.ts";

describe("the failure of a command", () => {
  it("is that of the named error, not of its cause", () => {
    const cause = new Error("ENOENT");
    expect(describeFailure(new WinnowError("BadInput", "the file x cannot be read: ENOENT", { cause }))).toEqual({
      code: EXIT.badInput,
      name: "BadInput",
      message: "the file x cannot be read: ENOENT",
    });
  });

  it("is the innermost one where nothing is named", () => {
    const error = new Error("outer", { cause: new Error("inner") });
    expect(describeFailure(error)).toEqual({ code: EXIT.failed, name: "Error", message: "inner" });
  });
});
