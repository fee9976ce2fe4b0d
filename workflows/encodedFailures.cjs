// Encodes error messages and stack traces as payloads, so that a codec encrypts them too. Clients, workers and the
// workflow bundle load this file by path.
const { DefaultFailureConverter } = require("@temporalio/common");

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
