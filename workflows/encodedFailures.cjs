// Error messages and stack traces as payloads, so that a codec hides them too. Loaded by its path in clients, workers
// and the workflow bundle.
const { DefaultFailureConverter } = require("@temporalio/common");

exports.failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
