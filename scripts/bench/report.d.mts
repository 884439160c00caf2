import type { BenchReport } from '../../web/src/bench/report.js';

export function checkReport(report: unknown): BenchReport;
