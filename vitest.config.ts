import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose tests have a process for each file: what a worker or a queue has begun goes on for a while after its test. */
const ALONE = 'packages/{runner,queue}/src/**/*_test.ts';
const ALL = '{packages,apps,tests}/*/src/**/*_test.ts';

/** What takes the longest comes first, so that no long file runs alone at the end: what waits, then tests of whole apps. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number =>
      project.name === 'alone' ? 0 : moduleId.includes('/tests/e2e/') ? 1 : 2;
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    // as the client of S3 is told when a bucket is opened
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    globalSetup: ['tests/support/src/global_setup.ts'],
    setupFiles: ['tests/support/src/leave_no_trace.ts'],
    pool: 'forks',
    // what the build has made is loaded as the apps load it
    server: { deps: { external: [/\/(?:packages|apps|tests)\/[^/]+\/dist\//] } },
    // three more than cores, since most wait for processes of their own
    maxWorkers: availableParallelism() + 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'alone', include: [ALONE] } },
      // these share a process one after the other, and so what they import, which takes longer than most of their tests
      { extends: true, test: { name: 'shared', include: [ALL], exclude: [ALONE], isolate: false } },
    ],
  },
});
