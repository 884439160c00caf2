// Counts what a test suite ran: prints "PASSED FAILED SKIPPED".
//
//   count_tests.mjs ctest JUNIT_XML GTEST_FOLDER   ctest's report; a test that left a GoogleTest report of its
//                                                  own counts as many as that lists
//   count_tests.mjs lines LOG                      node:test's closing lines (every one in the log counts); in
//                                                  a log without any, lines that begin with "ok " or "not ok "
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const attribute = (element, name) => element.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? '';

function countCtest(junit, gtestFolder) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [testcase] of readFileSync(junit, 'utf8').matchAll(/<testcase\b[^>]*>/g)) {
    const status = attribute(testcase, 'status');
    const report = join(gtestFolder, `${attribute(testcase, 'name')}.xml`);
    const own = { passed: 0, failed: 0, skipped: 0 };
    if (existsSync(report)) {
      for (const [test] of readFileSync(report, 'utf8').matchAll(/<testcase\b[^>]*?(\/>|>[\s\S]*?<\/testcase>)/g)) {
        if (test.includes('<failure')) own.failed++;
        else if (attribute(test, 'result') === 'completed') own.passed++;
        else own.skipped++;
      }
    } else if (status === 'run') {
      own.passed++;
    } else if (status !== 'fail') {
      own.skipped++;
    }
    // A program that crashed or ran out of time has no failing case in its report.
    if (status === 'fail' && own.failed === 0) own.failed++;
    for (const key of Object.keys(total)) total[key] += own[key];
  }
  return total;
}

function countLines(log) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  // eslint-disable-next-line no-control-regex
  const text = readFileSync(log, 'utf8').replace(/\x1b\[[0-9;]*m/g, '');
  let matches = 0;
  const add = (key, pattern) => {
    for (const match of text.matchAll(pattern)) {
      total[key] += match[1] ? Number(match[1]) : 1;
      matches++;
    }
  };
  add('passed', /^(?:ℹ|#) pass (\d+)$/gm);
  add('failed', /^(?:ℹ|#) (?:fail|cancelled) (\d+)$/gm);
  add('skipped', /^(?:ℹ|#) (?:skipped|todo) (\d+)$/gm);
  // In TAP every test has such a line too, beside the closing ones.
  if (matches === 0) {
    add('passed', /^ok (?=\S)/gm);
    add('failed', /^not ok (?=\S)/gm);
  }
  return total;
}

const [kind, ...paths] = process.argv.slice(2);
const { passed, failed, skipped } = kind === 'ctest' ? countCtest(...paths) : countLines(...paths);
console.log(passed, failed, skipped);
