/* The service manager (systemd): readiness, watchdog, sockets that it opened. Everything does nothing without one. */
#ifndef REEVE_NET_MANAGER_H
#define REEVE_NET_MANAGER_H

#include <stdbool.h>
#include <stdint.h>

/* Somebody listens to what follows. */
bool manager_listens(void);
void manager_ready(void);
void manager_reloading(void);
void manager_stopping(void);
/* One line for `systemctl status`. */
void manager_status(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* How often manager_alive is wanted, in milliseconds; 0: never. */
int64_t manager_watchdog_ms(void);
void manager_alive(void);
/* The descriptor of a listening socket that was passed for exactly this endpoint; -1: none. */
int manager_socket(const char *endpoint);
/* How many sockets were passed. */
int manager_socket_count(void);

#endif
