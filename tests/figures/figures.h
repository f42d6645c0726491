/* Figures of how well Reeve guesses, measured on real requests. Each prints a line per figure: `figures WHAT name=value ...`. */
#ifndef REEVE_TESTS_FIGURES_H
#define REEVE_TESTS_FIGURES_H

#include <stdbool.h>

/* Both take the folder of the examples; false after they printed what is wrong. */
bool figures_classifier(const char *examples);
bool figures_similar(const char *examples);

#endif
