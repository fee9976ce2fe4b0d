// Without this variable, ONNX Runtime 1.30 for Linux makes a device id and a queue of events about models and sessions,
// for upload to its maker, below ~/.cache/Microsoft. It reads the variable with the first session.
process.env.ORT_DISABLE_TELEMETRY = "1";
