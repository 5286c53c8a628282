// A province's platform on openid-client and jose: what its engineers would write, against a running hub.
// node oauth_clients.mjs <bundled clients> <issuer> <one-time token> <curve: P-256 | Ed25519> <province>
// Prints one JSON object of what was seen; any surprise is an exception.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";

const [bundle, issuer, invitation, curve, province] = process.argv.slice(2);
const { client, jose } = await import(pathToFileURL(bundle));
const alg = curve === "P-256" ? "ES256" : "Ed25519";

const newPair = async kid => {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  return { kid, privateKey, jwk: { ...(await jose.exportJWK(publicKey)), kid } };
};
const post = (path, body, token) => fetch(`${issuer}${path}`, {
  method: "POST", body: JSON.stringify(body),
  headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
});
const discover = (name, pair) => client.discovery(
  new URL(issuer), name, undefined, client.PrivateKeyJwt({ key: pair.privateKey, kid: pair.kid }),
  { execute: [client.allowInsecureRequests], algorithm: "oauth2" },
);

const first = await newPair("first");
const joined = await (await post("/api/v1/platforms", { token: invitation, public_key: first.jwk })).json();
assert.equal(joined.province, province);
assert.equal((await post("/api/v1/platforms", { token: invitation, public_key: first.jwk })).status, 409);

const config = await discover(joined.client_id, first);
const metadata = config.serverMetadata();
assert.equal(metadata.issuer, issuer);

const told = await client.clientCredentialsGrant(config, { scope: `catalogue:${province}` });
assert.deepEqual([told.token_type, told.expires_in, told.scope], ["bearer", 300, `catalogue:${province}`]);

// jose verifies what the hub signed, with the keys that the hub publishes.
const keys = jose.createRemoteJWKSet(new URL(metadata.jwks_uri));
const verified = await jose.jwtVerify(told.access_token, keys, {
  issuer, audience: `${issuer}/api/v1`, typ: "at+jwt", algorithms: ["ES256"], subject: joined.client_id,
  requiredClaims: ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"],
});

const active = await client.tokenIntrospection(config, told.access_token);
assert.equal(active.active, true);
assert.equal(active.jti, verified.payload.jti);
await client.tokenRevocation(config, told.access_token);
const revoked = await client.tokenIntrospection(config, told.access_token);
assert.equal(revoked.active, false);

// The platform changes its key by itself, with overlap.
const manage = await client.clientCredentialsGrant(config, { scope: `keys:${province}` });
const second = await newPair("second");
const added = await post(`/api/v1/platforms/${joined.client_id}/keys`, { public_key: second.jwk }, manage.access_token);
assert.equal(added.status, 201);
const renewed = await discover(joined.client_id, second);
const bySecond = await client.clientCredentialsGrant(renewed, { scope: `keys:${province}` });
const retired = await fetch(`${issuer}/api/v1/platforms/${joined.client_id}/keys/first`, {
  method: "DELETE", headers: { Authorization: `Bearer ${bySecond.access_token}` },
});
assert.equal(retired.status, 204);
const refused = await client.clientCredentialsGrant(config).catch(error => error);
assert.equal(refused.error, "invalid_client");

// What jose signs and the hub must not accept: each is a refusal in the words of OAuth, as openid-client reads them.
const now = Math.floor(Date.now() / 1000);
const claims = extra => ({
  iss: joined.client_id, sub: joined.client_id, aud: issuer, iat: now, exp: now + 60, jti: crypto.randomUUID(), ...extra,
});
const signed = (payload, key = second.privateKey, header = { alg, kid: "second" }) =>
  new jose.SignJWT(payload).setProtectedHeader(header).sign(key);
const raw = new TextEncoder().encode(JSON.stringify(second.jwk));
const hostile = {
  "ten years": await signed(claims({ exp: now + 315360000 })),
  "no iat": await signed(claims({ iat: undefined })),
  "other audience": await signed(claims({ aud: "https://elsewhere.example" })),
  "public key as secret": await signed(claims(), raw, { alg: "HS256", kid: "second" }),
  "unsecured": new jose.UnsecuredJWT(claims()).encode(),
  "retired key": await signed(claims(), first.privateKey, { alg, kid: "first" }),
};
const seen = {};
for (const [name, assertion] of Object.entries(hostile)) {
  const answer = await fetch(metadata.token_endpoint, { method: "POST", body: new URLSearchParams({
    grant_type: "client_credentials", client_assertion: assertion,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  }) });
  seen[name] = [answer.status, (await answer.json()).error];
}
console.log(JSON.stringify({ client_id: joined.client_id, alg, hostile: seen }));
