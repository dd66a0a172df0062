// The device registry as its own process, on a free port and in memory, for as long as the tests run.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Starts the program `DEVICE_REGISTRY` and gives its origin and a function that ends it. */
export const start = async (...flags) => {
  const program = process.env.DEVICE_REGISTRY ?? new URL("../../target/debug/device-registry", import.meta.url).pathname;
  const child = spawn(program, ["--database", "memory", "--listen", "127.0.0.1:0", "--log", "error", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const address = line.match(/ listens on (\S+)$/)?.[1];
    if (address) {
      const end = async () => { child.kill("SIGTERM"); await ended; };
      return { origin: `http://${address}`, end };
    }
  }
  throw new Error(`${program} ended before it listened`);
};
