/** The client before the real binary, whose tiers are played by `tierfall wall`. Run where `TIERFALL_BIN` says where it is. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import test, { type TestContext } from "node:test";

import { AllTiersFailedError, generateWithLLM, RefusedError, type Message } from "../lib/llm-router.js";

const binary = process.env["TIERFALL_BIN"];
const skip = binary ? false : "TIERFALL_BIN is not set";
const messages: Message[] = [{ role: "user", content: "Say a few words" }];

/** Starts the binary, and returns the address that it says it listens on. */
async function start(t: TestContext, args: string[], environment: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tierfall-client-"));
  const env = { PATH: process.env["PATH"], HOME: folder, TIERFALL_DATA_DIR: folder, ...environment };
  const child = spawn(binary ?? "", args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  t.after(async () => {
    child.kill("SIGKILL");
    if (child.exitCode === null) await once(child, "exit");
    await rm(folder, { recursive: true, force: true });
  });
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    for (const output of [child.stdout, child.stderr]) {
      createInterface(output).on("line", (line) => {
        said.push(line);
        const address = /Listening on (http:\/\/[\d.:]+)/.exec(line)?.[1];
        if (address) resolve(address);
      });
    }
    child.on("exit", () => reject(new Error(`it ended:\n${said.join("\n")}`)));
    child.on("error", reject);
  });
}

/** Tierfall before two tiers with these models of the wall. */
async function tierfall(t: TestContext, first: string, second: string, more: Record<string, string> = {}): Promise<string> {
  const wall = await start(t, ["wall", "--listen", "127.0.0.1:0", "--quiet"], {});
  const address = await start(t, ["serve", "--listen", "127.0.0.1:0"], {
    CUSTOM_LLM_BASE_URL: `${wall}/v1`,
    CUSTOM_LLM_MODEL: first,
    TIER2_BASE_URL: `${wall}/v1`,
    TIER2_MODEL: second,
    ...more,
  });
  return `${address}/v1`;
}

test("the next tier answers where the first one fails", { skip }, async (t) => {
  const baseUrl = await tierfall(t, "status-503", "ok-5");
  const answer = await generateWithLLM(messages, { baseUrl });
  assert.equal(answer.content, "w1 w2 w3 w4 w5");
  assert.equal(answer.tier, 2);
  assert.deepEqual(answer.attempts.at(-1)?.outcome, "ok");
  assert.equal(answer.attempts[0]?.tier, 1);
  assert.equal(answer.model, "ok-5");
  assert.ok(answer.requestId);
});

test("an answer that breaks off is carried on, and the switch is told", { skip }, async (t) => {
  const baseUrl = await tierfall(t, "cut-after-40", "ok");
  const tiers: number[] = [];
  const pieces: string[] = [];
  for await (const piece of generateWithLLM(messages, { baseUrl, onTier: (tier) => tiers.push(tier) })) pieces.push(piece);
  assert.equal(pieces.join(""), Array.from({ length: 60 }, (_, index) => `w${index + 1}`).join(" "));
  assert.deepEqual(tiers, [1, 2]);
});

test("where every tier fails, each says why", { skip }, async (t) => {
  const baseUrl = await tierfall(t, "status-503", "404-model", { TIER2_MEND: "false" });
  const failure = await generateWithLLM(messages, { baseUrl }).catch((reason: unknown) => reason);
  assert.ok(failure instanceof AllTiersFailedError, String(failure));
  assert.equal(failure.status, 503);
  assert.ok(failure.attempts.some(({ tier, outcome }) => tier === 2 && outcome === "model not found"));
});

test("a key is asked for, and sent", { skip }, async (t) => {
  const baseUrl = await tierfall(t, "ok-2", "ok-2", { TIERFALL_API_KEYS: "k" });
  await assert.rejects(generateWithLLM(messages, { baseUrl }).then(), RefusedError);
  assert.equal((await generateWithLLM(messages, { baseUrl, apiKey: "k" })).content, "w1 w2");
});
