// Sends the SDK's calls to the sandbox instead of the vendor: the SDK itself stays as it is.
const VENDOR = "https://api.solapi.com";
const sandbox = process.env.SOLAPI_URL;
const original = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = input instanceof Request ? input.url : String(input);
  if (!url.startsWith(VENDOR)) throw new Error(`not a call of the vendor's: ${url}`);
  const ours = sandbox + url.slice(VENDOR.length);
  return original(input instanceof Request ? new Request(ours, input) : ours, init);
};
// What the walk asks of the desk does not pass through the SDK.
globalThis.plainFetch = original;
