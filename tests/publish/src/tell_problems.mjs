/** Prints what is wrong, then a summary. The process ends with 1 if anything is. */
export function tellProblems(problems, summary) {
  for (const problem of problems) console.log(`FAILED  ${problem}`);
  console.log(summary);
  if (problems.length > 0) process.exitCode = 1;
}
