/* reeve-figures EXAMPLES: prints them all. */
#include <stdio.h>

#include "figures.h"

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s EXAMPLES\n", argv[0]);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	return figures_classifier(argv[1]) && figures_similar(argv[1]) ? 0 : 1;
}
