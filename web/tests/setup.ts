import { config } from "@vue/test-utils";

// What the app puts in `main.ts` stands in each test that mounts something.
config.global.stubs = {};
