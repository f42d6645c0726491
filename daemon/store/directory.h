/* The entry of a directory in its parent. */
#ifndef REEVE_STORE_DIRECTORY_H
#define REEVE_STORE_DIRECTORY_H

/* Makes the name of an open directory durable: until its parent is synced a power cut may take it back, with everything in it. 0 or errno. */
int directory_name_sync(int descriptor);

#endif
