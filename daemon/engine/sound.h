/* Whether a journal record can be applied. Internal to engine/. */
#ifndef REEVE_ENGINE_SOUND_H
#define REEVE_ENGINE_SOUND_H

#include "engine/inside.h"

/* The case that the event is about must have been brought back (engine_bring_case). False with why, in words. */
bool event_sound(const struct state *state, const struct record *event, char *why, size_t size);

#endif
