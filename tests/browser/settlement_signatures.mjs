// What the hub exports of a settlement, checked and signed with jose, which shares no code with joserfc or jwcrypto.
// node settlement_signatures.mjs <bundled clients> check <folder of an unpacked bundle>
// node settlement_signatures.mjs <bundled clients> receipt <the hub's receipt> <key set>
// node settlement_signatures.mjs <bundled clients> sign <canonical document> <Ed25519 | ES256> <header members as JSON>
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [bundle, what, given, ...more] = process.argv.slice(2);
const { jose } = await import(pathToFileURL(bundle));
const verify = (detached, payload, keys) => {
  const [header, empty, signature] = detached.split(".");
  assert.equal(empty, "");
  return jose.flattenedVerify(
    { protected: header, payload: jose.base64url.encode(payload), signature }, keys, { algorithms: ["ES256", "EdDSA"] });
};

const check = async folder => {
  const read = name => readFileSync(join(folder, name));
  const manifest = JSON.parse(read("manifest.json"));
  const keys = jose.createLocalJWKSet(JSON.parse(read("keys.jwks.json")));
  const signed = [["manifest.jws", "manifest.json"]];
  for (const document of manifest.documents)
    for (const each of document.signatures) if (each.file) signed.push([each.file, document.file]);
  const headers = {};
  for (const [name, about] of signed) {
    const text = read(name).toString();
    headers[name] = (await verify(text, read(about), keys)).protectedHeader;
    const edited = Buffer.from(read(about));
    edited[edited.length >> 1] ^= 1;
    await assert.rejects(verify(text, edited, keys), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
  }
  return headers;
};

const receipt = async (file, keys) => {
  const { payload, protectedHeader } = await jose.compactVerify(
    readFileSync(file).toString(), jose.createLocalJWKSet(JSON.parse(readFileSync(keys))), { algorithms: ["ES256"] });
  return { ...JSON.parse(new TextDecoder().decode(payload)), typ: protectedHeader.typ };
};

const sign = async (file, alg, members) => {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const jwk = await jose.exportJWK(publicKey);
  const kid = await jose.calculateJwkThumbprint(jwk);
  const header = { ...JSON.parse(members), alg: alg === "Ed25519" ? "EdDSA" : alg, kid };
  const made = await new jose.FlattenedSign(readFileSync(file)).setProtectedHeader(header).sign(privateKey);
  return { jwk, kid, jws: `${made.protected}..${made.signature}` };
};

console.log(JSON.stringify(await { check, receipt, sign }[what](given, ...more)));
