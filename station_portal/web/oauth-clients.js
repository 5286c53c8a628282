// What the tests of the authorization server sign in with; bundled for Node beside axe-core, never served.
export * as client from "openid-client";
export * as jose from "jose";
