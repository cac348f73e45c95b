// SPDX-License-Identifier: Apache-2.0
/**
 * One set-up at a time in a project folder: a second one waits for the first and then finds the work done.
 * The lock is a file with the holder's process id; it is taken over when that process is gone.
 */
import { linkSync, mkdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TOOLS } from "./paths.mjs";
import { SetupError, say } from "./run.mjs";

const LOCK = join(TOOLS, "setup.lock");
const POLL_MILLISECONDS = 200;
const DEADLINE_MILLISECONDS = 15 * 60 * 1000;

/** Runs `work` while holding the lock. */
export async function withLock(work) {
  await takeLock();
  try {
    return await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

async function takeLock() {
  mkdirSync(TOOLS, { recursive: true });
  const deadline = Date.now() + DEADLINE_MILLISECONDS;
  let told = false;
  while (!tryLock()) {
    const holder = lockHolder();
    if (holder !== undefined && !isRunning(holder)) dropLock(holder);
    else {
      if (!told) say(`waiting for another set-up (process ${holder ?? "just starting"})`);
      told = true;
      if (Date.now() > deadline) {
        throw new SetupError(
          `cannot take the lock "${LOCK}": process ${holder} has held it for 15 minutes`,
          `end process ${holder}, then try again`,
        );
      }
      await delay(POLL_MILLISECONDS);
    }
  }
}

// A hard link appears whole or not at all, so nobody ever reads a lock without its process id.
function tryLock() {
  const own = `${LOCK}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, LOCK);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    unlinkSync(own);
  }
}

function lockHolder() {
  try {
    return Number(readFileSync(LOCK, "utf8"));
  } catch {
    return undefined;
  }
}

function dropLock(holder) {
  if (lockHolder() === holder) rmSync(LOCK, { force: true });
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
