/*
 * A PKCS#11 library that stands in front of another one and misbehaves on command, for tests.
 *
 * Beside the built library stand
 *   library   the absolute path of the one behind it
 *   control   the commands in force, read anew at each call; one a line:
 *               NAME delay MICROSECONDS   the call takes that much longer
 *               NAME return 0xRV          the call is answered so, and never reaches the library
 *               NAME hang                 the call stands still while this line stands here
 *               lock-after N              the user's PIN is locked after N wrong ones in a row
 *               max-sessions N            the token says that it bears so many
 *               no-signing TYPE           the token says that it does not sign with the mechanism of this number
 *               bad-slot ID               the token in the slot of this id does not tell what it is: CKR_DEVICE_ERROR
 *               once ID ACT               each process does it once, before its next C_SignInit: logout,
 *                                         close-sessions, or restart (C_Finalize and C_Initialize)
 *               only PID                  no other process is meant by what stands here
 *             NAME is a function's, as C_Sign, or "any"
 *   logins    a line for each C_Login of a user, of whatever process: its id, and what came of it in hex
 *   wrong     how many wrong PINs came in a row, over all processes
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

typedef unsigned long U;
/* Each function of PKCS#11 2.40 has at most eight arguments, none of which is a floating point number: on the platforms
   that we test on, one signature with eight words passes all of them through. */
typedef U (*Function)(U, U, U, U, U, U, U, U);

#define FUNCTIONS(F) \
  F(0, C_Initialize) F(1, C_Finalize) F(2, C_GetInfo) F(3, C_GetFunctionList) F(4, C_GetSlotList) F(5, C_GetSlotInfo) \
  F(6, C_GetTokenInfo) F(7, C_GetMechanismList) F(8, C_GetMechanismInfo) F(9, C_InitToken) F(10, C_InitPIN) \
  F(11, C_SetPIN) F(12, C_OpenSession) F(13, C_CloseSession) F(14, C_CloseAllSessions) F(15, C_GetSessionInfo) \
  F(16, C_GetOperationState) F(17, C_SetOperationState) F(18, C_Login) F(19, C_Logout) F(20, C_CreateObject) \
  F(21, C_CopyObject) F(22, C_DestroyObject) F(23, C_GetObjectSize) F(24, C_GetAttributeValue) \
  F(25, C_SetAttributeValue) F(26, C_FindObjectsInit) F(27, C_FindObjects) F(28, C_FindObjectsFinal) \
  F(29, C_EncryptInit) F(30, C_Encrypt) F(31, C_EncryptUpdate) F(32, C_EncryptFinal) F(33, C_DecryptInit) \
  F(34, C_Decrypt) F(35, C_DecryptUpdate) F(36, C_DecryptFinal) F(37, C_DigestInit) F(38, C_Digest) \
  F(39, C_DigestUpdate) F(40, C_DigestKey) F(41, C_DigestFinal) F(42, C_SignInit) F(43, C_Sign) F(44, C_SignUpdate) \
  F(45, C_SignFinal) F(46, C_SignRecoverInit) F(47, C_SignRecover) F(48, C_VerifyInit) F(49, C_Verify) \
  F(50, C_VerifyUpdate) F(51, C_VerifyFinal) F(52, C_VerifyRecoverInit) F(53, C_VerifyRecover) \
  F(54, C_DigestEncryptUpdate) F(55, C_DecryptDigestUpdate) F(56, C_SignEncryptUpdate) F(57, C_DecryptVerifyUpdate) \
  F(58, C_GenerateKey) F(59, C_GenerateKeyPair) F(60, C_WrapKey) F(61, C_UnwrapKey) F(62, C_DeriveKey) \
  F(63, C_SeedRandom) F(64, C_GenerateRandom) F(65, C_GetFunctionStatus) F(66, C_CancelFunction) \
  F(67, C_WaitForSlotEvent)
#define COUNT 68
#define NUMBER(n, name) I_##name = n,
enum { FUNCTIONS(NUMBER) };

typedef struct {
  unsigned char major, minor;
  Function f[COUNT];
} FunctionList;

#define OK 0UL
#define GENERAL_ERROR 5UL
#define DEVICE_ERROR 0x30UL
#define PIN_INCORRECT 0xA0UL
#define PIN_LOCKED 0xA4UL
#define CKU_USER 1UL
#define FLAGS_AT 96
#define MAX_SESSIONS_AT 104
#define MECHANISM_FLAGS_AT 16
#define FLAG_SIGN 0x800UL
#define FLAG_COUNT_LOW 0x10000UL
#define FLAG_FINAL_TRY 0x20000UL
#define FLAG_LOCKED 0x40000UL

static FunctionList ours;
static FunctionList *theirs;
static char folder[4000];
static U slot_in_use;
/* Held for reading by each call into the library, for writing by an act: no library bears one under another. */
static pthread_rwlock_t calls = PTHREAD_RWLOCK_INITIALIZER;
static char done[64];

#define TEXT(n, name) #name,
static const char *names[] = {FUNCTIONS(TEXT)};

static size_t read_file(const char *name, char *into, size_t size) {
  char path[4100];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : read(fd, into, size - 1);
  if (fd >= 0) close(fd);
  into[n > 0 ? n : 0] = 0;
  return n > 0 ? (size_t)n : 0;
}

/* Finds the line that begins with both words; answers what follows them, or NULL. */
static char *command(char *text, const char *who, const char *verb, char *value, size_t size) {
  char first[64], second[64], third[64];
  for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
    first[0] = second[0] = third[0] = 0;
    sscanf(line, "%63s %63s %63[^\n]", first, second, third);
    if (strcmp(first, who) == 0 && (verb == NULL || strcmp(second, verb) == 0)) {
      snprintf(value, size, "%s", verb == NULL ? second : third);
      return value;
    }
  }
  return NULL;
}

static void pause_us(long us) {
  struct timespec time = {us / 1000000, us % 1000000 * 1000};
  while (nanosleep(&time, &time) != 0) {
  }
}

static int said(char *control, const char *name, const char *verb, char *value, size_t size) {
  return command(control, name, verb, value, size) != NULL || command(control, "any", verb, value, size) != NULL;
}

static void act_once(char *control) {
  char line[64], id[32], act[32];
  char *at = strstr(control, "once ");
  if (at == NULL || sscanf(at, "once %31s %31s", id, act) != 2) return;
  snprintf(line, sizeof line, "%s %s", id, act);
  static int lock;
  while (__sync_lock_test_and_set(&lock, 1)) pause_us(10);
  int fresh = strcmp(line, done) != 0;
  if (fresh) strcpy(done, line);
  __sync_lock_release(&lock);
  if (!fresh) return;
  pthread_rwlock_wrlock(&calls);
  if (strcmp(act, "restart") == 0) {
    U arguments[6] = {0, 0, 0, 0, 2, 0}; /* CKF_OS_LOCKING_OK */
    theirs->f[I_C_Finalize](0, 0, 0, 0, 0, 0, 0, 0);
    theirs->f[I_C_Initialize]((U)arguments, 0, 0, 0, 0, 0, 0, 0);
  } else if (strcmp(act, "close-sessions") == 0) {
    theirs->f[I_C_CloseAllSessions](slot_in_use, 0, 0, 0, 0, 0, 0, 0);
  } else if (strcmp(act, "logout") == 0) {
    U session = 0;
    if (theirs->f[I_C_OpenSession](slot_in_use, 4, 0, 0, (U)&session, 0, 0, 0) == OK) {
      theirs->f[I_C_Logout](session, 0, 0, 0, 0, 0, 0, 0);
      theirs->f[I_C_CloseSession](session, 0, 0, 0, 0, 0, 0, 0);
    }
  }
  pthread_rwlock_unlock(&calls);
}

/* Whether the call is answered here, with *rv. */
static int steer(int function, U *rv) {
  char control[4096], value[64];
  if (read_file("control", control, sizeof control) == 0) return 0;
  if (command(control, "only", NULL, value, sizeof value) && atol(value) != (long)getpid()) return 0;
  if (function == I_C_SignInit) act_once(control);
  while (said(control, names[function], "hang", value, sizeof value)) {
    pause_us(5000);
    read_file("control", control, sizeof control);
  }
  if (said(control, names[function], "delay", value, sizeof value)) pause_us(atol(value));
  if (said(control, names[function], "return", value, sizeof value)) {
    *rv = strtoul(value, NULL, 0);
    return 1;
  }
  return 0;
}

/* How many wrong PINs may come in a row, or 0 for any number. */
static long limit(void) {
  char control[4096], value[64];
  read_file("control", control, sizeof control);
  return command(control, "lock-after", NULL, value, sizeof value) ? atol(value) : 0;
}

static int open_locked(void) {
  char path[4100];
  snprintf(path, sizeof path, "%s/wrong", folder);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd >= 0) flock(fd, LOCK_EX);
  return fd;
}

static long wrong(int fd) {
  char text[32] = {0};
  return pread(fd, text, sizeof text - 1, 0) > 0 ? atol(text) : 0;
}

static void set_wrong(int fd, long count) {
  char text[32];
  int n = snprintf(text, sizeof text, "%ld\n", count);
  if (ftruncate(fd, 0) != 0 || pwrite(fd, text, n, 0) != n) abort();
}

static void note_login(U rv) {
  char path[4100], line[64];
  snprintf(path, sizeof path, "%s/logins", folder);
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int n = snprintf(line, sizeof line, "%d %lx\n", (int)getpid(), rv);
  if (fd < 0 || write(fd, line, n) != n) abort();
  close(fd);
}

static U login(U session, U user, U pin, U length) {
  if (user != CKU_USER) return theirs->f[I_C_Login](session, user, pin, length, 0, 0, 0, 0);
  int fd = open_locked();
  long most = limit();
  U rv = PIN_LOCKED;
  if (most == 0 || wrong(fd) < most) {
    rv = theirs->f[I_C_Login](session, user, pin, length, 0, 0, 0, 0);
    if (rv == PIN_INCORRECT) set_wrong(fd, wrong(fd) + 1);
    if (rv == OK) set_wrong(fd, 0);
  }
  note_login(rv);
  close(fd);
  return rv;
}

static U token_info(U slot, U info) {
  char control[4096], value[64];
  read_file("control", control, sizeof control);
  if (command(control, "bad-slot", NULL, value, sizeof value) && strtoul(value, NULL, 0) == slot) return DEVICE_ERROR;
  U rv = theirs->f[I_C_GetTokenInfo](slot, info, 0, 0, 0, 0, 0, 0);
  if (rv != OK) return rv;
  U *flags = (U *)((char *)info + FLAGS_AT);
  long most = limit();
  if (most > 0) {
    int fd = open_locked();
    long count = wrong(fd);
    close(fd);
    if (count > 0) *flags |= FLAG_COUNT_LOW;
    if (count == most - 1) *flags |= FLAG_FINAL_TRY;
    if (count >= most) *flags |= FLAG_LOCKED;
  }
  if (command(control, "max-sessions", NULL, value, sizeof value)) *(U *)((char *)info + MAX_SESSIONS_AT) = atol(value);
  return rv;
}

static U mechanism_info(U slot, U type, U info) {
  U rv = theirs->f[I_C_GetMechanismInfo](slot, type, info, 0, 0, 0, 0, 0);
  char control[4096], value[64];
  read_file("control", control, sizeof control);
  if (rv == OK && command(control, "no-signing", NULL, value, sizeof value) && strtoul(value, NULL, 0) == type)
    *(U *)((char *)info + MECHANISM_FLAGS_AT) &= ~FLAG_SIGN;
  return rv;
}

static U forward(int function, U a, U b, U c, U d, U e, U f, U g, U h) {
  switch (function) {
    case I_C_Login:
      return login(a, b, c, d);
    case I_C_GetTokenInfo:
      return token_info(a, b);
    case I_C_GetMechanismInfo:
      return mechanism_info(a, b, c);
    case I_C_OpenSession:
      slot_in_use = a;
      break;
    case I_C_InitPIN:
    case I_C_SetPIN: {
      int fd = open_locked();
      set_wrong(fd, 0);
      close(fd);
      break;
    }
    default:
      break;
  }
  return theirs->f[function](a, b, c, d, e, f, g, h);
}

static U answer(int function, U a, U b, U c, U d, U e, U f, U g, U h) {
  U rv = OK;
  if (steer(function, &rv)) return rv;
  pthread_rwlock_rdlock(&calls);
  rv = forward(function, a, b, c, d, e, f, g, h);
  pthread_rwlock_unlock(&calls);
  return rv;
}

#define WRAPPER(n, name) \
  static U w_##name(U a, U b, U c, U d, U e, U f, U g, U h) { return answer(n, a, b, c, d, e, f, g, h); }
FUNCTIONS(WRAPPER)

static U load(void) {
  Dl_info self;
  char library[4096];
  if (dladdr((void *)load, &self) == 0) return GENERAL_ERROR;
  snprintf(folder, sizeof folder, "%s", self.dli_fname);
  *strrchr(folder, '/') = 0;
  read_file("library", library, sizeof library);
  library[strcspn(library, "\n")] = 0;
  void *behind = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (behind == NULL) {
    fprintf(stderr, "pkcs11-shim: %s\n", dlerror());
    return GENERAL_ERROR;
  }
  U (*list)(FunctionList **) = (U(*)(FunctionList **))dlsym(behind, "C_GetFunctionList");
  U rv = list == NULL ? GENERAL_ERROR : list(&theirs);
  if (rv != OK) return rv;
  ours.major = theirs->major;
  ours.minor = theirs->minor;
#define PLACE(n, name) ours.f[n] = w_##name;
  FUNCTIONS(PLACE)
  return OK;
}

__attribute__((visibility("default"))) U C_GetFunctionList(FunctionList **list);

U C_GetFunctionList(FunctionList **list) {
  U rv = theirs == NULL ? load() : OK;
  /* Our own address for itself: who asks the list for it must not get past us. */
  ours.f[I_C_GetFunctionList] = (Function)C_GetFunctionList;
  *list = &ours;
  return rv;
}
