/* The style and the script of a report's page, from page.css and page.js at build time. */
#ifndef REEVE_CLI_PAGE_H
#define REEVE_CLI_PAGE_H

extern const char page_css[];
extern const char page_js[];

#endif
