/* How nth_call.c is told what to do, through the environment. */
#ifndef REEVE_TESTS_NTH_CALL_H
#define REEVE_TESTS_NTH_CALL_H

#define NTH_FOLDER "REEVE_NTH_FOLDER"   /* calls on files below it count */
#define NTH_FILE "REEVE_NTH_FILE"       /* and only those whose name has this in it; empty: all */
#define NTH_CALL "REEVE_NTH_CALL"       /* and only this call; empty: all */
#define NTH_KIND "REEVE_NTH_KIND"       /* EIO, ENOSPC, EINTR, ENOMEM: the call fails with it; SHORT: it does half of what was asked; LATE: it does it all and then fails with EIO */
#define NTH_AT "REEVE_NTH_AT"           /* which call, from 1 */
#define NTH_LASTING "REEVE_NTH_LASTING" /* 1: it and all that come later */
#define NTH_TOLD "REEVE_NTH_TOLD"       /* file: the call and its file, one line, when it came */

#endif
