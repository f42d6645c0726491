/* The charts of a report's page, as SVG that stands in the page itself: no library, no request. */
#ifndef REEVE_CLI_CHART_H
#define REEVE_CLI_CHART_H

#include "clients/cli/report.h"

/* Each appends one whole figure element, or nothing when there is nothing to draw. */
void chart_on_time(struct buf *page, const struct report *report);
void chart_lights(struct buf *page, const struct report *report);
void chart_stages(struct buf *page, const struct report *report);
void chart_weeks(struct buf *page, const struct report *report);

/* report_html.c */
void html_text(struct buf *page, struct span text);
/* The same, cut to so many places of a terminal (a Chinese character takes two). */
void html_label(struct buf *page, struct span text, size_t places);

#endif
