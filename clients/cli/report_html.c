#include "clients/cli/report.h"
void report_html(const struct report *report, FILE *out) { report_json(report, out); }
